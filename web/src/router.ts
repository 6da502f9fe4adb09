import type { Component } from 'svelte';

/** A page of the desk: its path after `#`, its name, the key that opens it after `g`, and its component. */
export interface Page {
  path: string;
  title: string;
  key: string;
  /** The first page comes with the script; others are fetched when they are opened. */
  load: () => Promise<Component> | Component;
}

/** The page for a path; the first of the table for a path that is nobody's. */
export function pageFor(pages: readonly [Page, ...Page[]], path: string): Page {
  return pages.find((page) => page.path === path) ?? pages[0];
}
