// Runs before the style sheets arrive, so that a dark page never flashes white. Paper is always light.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const print = matchMedia('print');

  // Over TLS cookies are named as the server names its own.
  const [name, secure] = location.protocol === 'https:' ? ['__Host-theme', '; secure'] : ['theme', ''];
  const choice = () => document.cookie.split('; ').find(cookie => cookie.startsWith(`${name}=`))?.match(/=(light|dark)$/)?.[1] ?? 'system';

  function apply() {
    const chosen = choice() === 'system' ? (dark.matches ? 'dark' : 'light') : choice();
    root.dataset.bsTheme = print.matches ? 'light' : chosen;
    for (const button of document.querySelectorAll('[data-theme-choice]'))
      button.setAttribute('aria-pressed', String(button.dataset.themeChoice === choice()));
  }

  apply();
  dark.addEventListener('change', apply);
  print.addEventListener('change', apply);
  document.addEventListener('DOMContentLoaded', apply);
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-theme-choice]');
    if (!button)
      return;
    document.cookie = `${name}=${button.dataset.themeChoice}; path=/; max-age=31536000; samesite=lax${secure}`;
    apply();
  });
})();
