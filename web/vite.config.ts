import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { licenses } from './licenses.ts';

/** `vite` alone serves the page with hot reload; the running desk answers what starts with /api. */
const desk = process.env['NIGHTDESK_URL'] ?? 'http://127.0.0.1:9977';

export default defineConfig({
  plugins: [svelte(), licenses()],
  build: {
    outDir: '../src/nightdesk/static',
    emptyOutDir: true,
    target: 'es2022',
    // A data: address for a small asset would need a hole in the content security policy for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': desk } },
});
