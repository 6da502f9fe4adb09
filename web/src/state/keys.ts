import { theme } from './theme.svelte.ts';
import { time } from './time.svelte.ts';
import { WIDTHS } from './span.ts';
import { span } from '../format/duration.ts';

/** One row of the help: the keys as shown, what they do, and the doing. */
export interface Shortcut {
  keys: readonly string[];
  label: string;
  run: (key: string) => void;
}

/** Every key of the page; `help` opens the list of them. */
export function shortcuts(help: () => void): Shortcut[] {
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
    { keys: ['d'], label: 'Dark or light', run: () => theme.toggle() },
    { keys: ['?'], label: 'This list', run: help },
  ];
}

/** Run shortcuts until told to stop. Keys with Ctrl, Alt or Meta, and keys in fields, are left alone. */
export function listenKeys(table: readonly Shortcut[]): () => void {
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || busy(event)) return;
    const found = table.find((shortcut) => shortcut.keys.includes(event.key));
    if (found === undefined) return;
    event.preventDefault();
    found.run(event.key);
  };
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}

function busy(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('input, textarea, select, [contenteditable], dialog') !== null) return true;
  // Space presses the button that has the focus; that is what it is for.
  return event.key === ' ' && target.closest('button, a, summary') !== null;
}
