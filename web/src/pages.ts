import Now from './pages/Now.svelte';
import type { Page } from './router.ts';

/** Every page of the desk. The first is what an address without a page means, and comes with the script. */
export const PAGES: readonly [Page, ...Page[]] = [
  { path: '/', title: 'Now', key: 'n', load: () => Now },
  {
    path: '/performance',
    title: 'Performance',
    key: 'p',
    load: async () => (await import('./pages/Performance.svelte')).default,
  },
];
