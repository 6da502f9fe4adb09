/**
 * One live connection for all pages of this browser. HTTP/1.1 allows six connections to a host, so with one stream
 * a page the seventh page would hang.
 */

import { Connection } from './connection.ts';
import type { Message } from './message.ts';

const pages = new Set<MessagePort>();
/** The newest message of each kind, for a page that opens later. */
const latest = new Map<Message['kind'], Message>();

const connection = new Connection((message) => {
  latest.set(message.kind, message);
  for (const page of pages) page.postMessage(message);
});

function leave(page: MessagePort): void {
  pages.delete(page);
  if (pages.size > 0) return;
  connection.close();
  latest.clear();
}

(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = (event) => {
  const page = event.ports[0];
  if (page === undefined) return;
  pages.add(page);
  page.onmessage = () => leave(page); // The one thing a page says is good-bye.
  page.addEventListener('close', () => leave(page)); // A crashed page cannot say it; newer browsers do.
  for (const message of latest.values()) page.postMessage(message);
  connection.open();
};
