// Before the first paint, and a file of its own: the content security policy allows no script inside the page.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('nightdesk.theme');
  } catch {
    // Storage may be switched off; the system's preference then decides on every visit.
  }
  const light = chosen === 'light' || (chosen === null && matchMedia('(prefers-color-scheme: light)').matches);
  document.documentElement.dataset.theme = light ? 'light' : 'dark';
})();
