import { addressOf, placeOf, type Place } from './address.ts';

/** The open page. Every state of it is an address: Back leads to the one before. */
class PlaceState {
  current = $state.raw<Place>(placeOf(location.hash));

  /** Open a page; each call is one step of the browser's history. */
  go(path: string, fields: Iterable<readonly [string, string]> = []): void {
    const address = addressOf(path, fields);
    if (address === addressOf(this.current.path, this.current.fields)) return;
    history.pushState(null, '', address === '#/' ? location.pathname + location.search : address);
    this.current = placeOf(address);
  }

  /** Change some fields of the open page; an empty text takes a field away. */
  set(changes: Readonly<Record<string, string>>): void {
    this.go(this.current.path, Object.entries({ ...Object.fromEntries(this.current.fields), ...changes }));
  }

  /** Follow links, Back and Forward. Returns a function that ends it. */
  start(): () => void {
    const follow = () => {
      const place = placeOf(location.hash);
      if (addressOf(place.path, place.fields) !== addressOf(this.current.path, this.current.fields)) this.current = place;
    };
    addEventListener('popstate', follow);
    addEventListener('hashchange', follow);
    return () => {
      removeEventListener('popstate', follow);
      removeEventListener('hashchange', follow);
    };
  }
}

export const place = new PlaceState();
