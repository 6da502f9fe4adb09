import { Connection } from './connection.ts';
import type { Message } from './message.ts';

/** Listen to the desk until the page goes away. Returns a function that ends it. */
export function listen(receive: (message: Message) => void): () => void {
  let stop = start(receive);
  const hide = () => stop();
  const show = (event: PageTransitionEvent) => {
    // The page came out of the back/forward cache, where its connection was let go.
    if (event.persisted) stop = start(receive);
  };
  addEventListener('pagehide', hide);
  addEventListener('pageshow', show);
  return () => {
    removeEventListener('pagehide', hide);
    removeEventListener('pageshow', show);
    stop();
  };
}

function start(receive: (message: Message) => void): () => void {
  return typeof SharedWorker === 'undefined' ? direct(receive) : shared(receive);
}

function shared(receive: (message: Message) => void): () => void {
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'nightdesk-live' });
  worker.port.onmessage = (event: MessageEvent<Message>) => receive(event.data);
  return () => {
    worker.port.postMessage('bye');
    worker.port.close();
  };
}

/** Without shared workers each page holds a connection of its own, and gives it back while it is hidden. */
function direct(receive: (message: Message) => void): () => void {
  const connection = new Connection(receive);
  const turn = () => (document.hidden ? connection.close() : connection.open());
  document.addEventListener('visibilitychange', turn);
  turn();
  return () => {
    document.removeEventListener('visibilitychange', turn);
    connection.close();
  };
}
