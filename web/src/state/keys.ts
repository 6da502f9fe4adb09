import { place } from './place.svelte.ts';
import { theme } from './theme.svelte.ts';
import { time } from './time.svelte.ts';
import { WIDTHS } from './span.ts';
import { span } from '../format/duration.ts';
import { WINDOWS, windowWord } from '../performance/windows.ts';
import type { Page } from '../router.ts';

/** One row of the help: the keys as shown, what they do, and the doing. Two keys with a space between are pressed in turn. */
export interface Shortcut {
  keys: readonly string[];
  label: string;
  run: (key: string) => void;
}

/** How long a first key waits for its second. */
const SECOND_KEY_MS = 1_500;

/** Keys of the window of time that Now looks at. */
export function timeKeys(): Shortcut[] {
  return [
    { keys: ['l', ' '], label: 'Pause, or go live', run: () => time.toggle() },
    { keys: ['['], label: 'Earlier', run: () => time.pan(-0.5) },
    { keys: [']'], label: 'Later', run: () => time.pan(0.5) },
    { keys: ['+', '='], label: 'Zoom in', run: () => time.scale(0.5) },
    { keys: ['-'], label: 'Zoom out', run: () => time.scale(2) },
    { keys: ['z'], label: 'Undo zoom', run: () => time.undo() },
    ...WIDTHS.map((width, index) => ({
      keys: [String(index + 1)],
      label: `Last ${span(width)}`,
      run: () => time.follow(width),
    })),
  ];
}

/** The keys 1 to 5 of Performance: how far back its figures reach. */
export function windowKeys(): Shortcut[] {
  return WINDOWS.map((name, index) => ({
    keys: [String(index + 1)],
    label: name === 'all' ? 'Everything on record' : `Last ${windowWord(name)}`,
    run: () => place.set({ window: name }),
  }));
}

/** Keys that every page has; `help` opens the list of them. */
export function commonKeys(pages: readonly Page[], help: () => void): Shortcut[] {
  return [
    ...pages.map(({ key, title, path }) => ({ keys: [`g ${key}`], label: `Go to ${title}`, run: () => place.go(path) })),
    { keys: ['d'], label: 'Dark or light', run: () => theme.toggle() },
    { keys: ['?'], label: 'This list', run: help },
  ];
}

/** Run shortcuts until told to stop. Keys with Ctrl, Alt or Meta, and keys in fields, are left alone. */
export function listenKeys(table: () => readonly Shortcut[]): () => void {
  let first = '';
  let firstAt = 0;
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || busy(event)) return;
    const pair = event.timeStamp - firstAt < SECOND_KEY_MS ? `${first} ${event.key}` : '';
    const found = find(table(), pair) ?? find(table(), event.key);
    [first, firstAt] = [event.key, event.timeStamp];
    if (found === undefined) return;
    event.preventDefault();
    first = '';
    found.run(event.key);
  };
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}

function find(table: readonly Shortcut[], keys: string): Shortcut | undefined {
  return table.find((shortcut) => shortcut.keys.includes(keys));
}

function busy(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('input, textarea, select, [contenteditable], dialog') !== null) return true;
  // Space presses the button that has the focus; that is what it is for.
  return event.key === ' ' && target.closest('button, a, summary') !== null;
}
