const KEY = 'nightdesk.theme';

/** Dark or light. The first choice was made by /theme.js before the first paint. */
class ThemeState {
  name = $state<'dark' | 'light'>(document.documentElement.dataset['theme'] === 'light' ? 'light' : 'dark');

  toggle(): void {
    this.name = this.name === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset['theme'] = this.name;
    try {
      localStorage.setItem(KEY, this.name);
    } catch {
      // Storage may be switched off: the choice then lasts until the page is left.
    }
  }

  /** A colour token as it stands now. Canvas cannot read variables by itself. */
  colour(token: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
  }
}

export const theme = new ThemeState();
