import type { Component } from 'svelte';

/** A page of the desk: its path, its name and its component. Later pages are rows of this table. */
export interface Page {
  path: string;
  title: string;
  component: Component;
}

/** The page for a path; the first of the table for a path that is nobody's. */
export function pageFor(pages: readonly [Page, ...Page[]], path: string): Page {
  const plain = path.replace(/\/+$/, '') || '/';
  return pages.find((page) => page.path === plain) ?? pages[0];
}
