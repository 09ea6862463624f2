(() => {
  const region = id => document.getElementById(id);

  document.addEventListener('htmx:configRequest', event => {
    event.detail.headers['X-CSRF-Token'] = document.querySelector('meta[name="csrf-token"]').content;
  });

  // No answer at all: htmx has nothing to swap, so the words come from the page.
  document.addEventListener('htmx:sendError', () => {
    const notice = document.createElement('div');
    notice.className = 'notice notice-wrong';
    notice.textContent = region('alert').dataset.unreachable;
    region('alert').replaceChildren(notice);
  });

  document.addEventListener('htmx:afterRequest', event => {
    if (event.detail.successful)
      region('alert').replaceChildren();
  });

  document.addEventListener('click', async event => {
    const button = event.target.closest('[data-copy]');
    if (!button)
      return;
    await navigator.clipboard.writeText(button.dataset.copy);
    region('status').textContent = button.dataset.copied;
    button.classList.add('copied');
    setTimeout(() => button.classList.remove('copied'), 2000);
  });

  // The whole row opens what its first link opens, unless the click meant something else.
  document.addEventListener('click', event => {
    const row = event.target.closest('table.rows-open tbody tr');
    if (!row || event.target.closest('a, button, input, label, select, summary') || String(getSelection()))
      return;
    row.querySelector('a')?.click();
  });

  // How much of a file is sent. The answer's own arrival is told as well; it comes when everything is sent.
  document.addEventListener('htmx:xhr:progress', event => {
    const shown = event.target.querySelector('[data-upload-progress]');
    if (!shown || !event.detail.lengthComputable || !event.detail.total)
      return;
    const percent = Math.floor(event.detail.loaded * 100 / event.detail.total);
    shown.hidden = false;
    shown.querySelector('progress').value = percent;
    shown.querySelector('[data-upload-percent]').textContent = `${percent}%`;
  });

  // A menu closes when the work is elsewhere; Escape leads back to what opened it.
  document.addEventListener('click', event => {
    for (const menu of document.querySelectorAll('details.menu[open]'))
      if (!menu.contains(event.target))
        menu.open = false;
  });

  document.addEventListener('keydown', event => {
    const menu = event.key === 'Escape' && event.target.closest('details.menu[open]');
    if (!menu)
      return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });

  // Two minutes before signing in lapses the page says so; the answer of the server alone makes it last. Once it has lapsed, what is typed stays where it is:
  // nothing leads the page away and nothing is sent, until somebody has signed in again elsewhere.
  const lapse = region('lapse');
  const stays = async () => (await fetch('/account/stay', { redirect: 'error' }).catch(() => null))?.ok;
  let warning;
  let lapsed = false;

  function sayOfLapse(words, isOver) {
    lapsed = isOver;
    lapse.replaceChildren(region(words).content.cloneNode(true));
  }

  function awaitLapse() {
    clearTimeout(warning);
    lapsed = false;
    lapse.replaceChildren();
    const { warnAfter, lapsesAfter } = lapse.dataset;
    warning = setTimeout(() => {
      sayOfLapse('lapse-words', false);
      warning = setTimeout(() => sayOfLapse('lapsed-words', true), (lapsesAfter - warnAfter) * 1000);
    }, warnAfter * 1000);
  }
  if (lapse)
    awaitLapse();

  document.addEventListener('click', async event => {
    if (event.target.closest('[data-stay]') && await stays())
      awaitLapse();
  });

  document.addEventListener('submit', async event => {
    if (!lapsed || event.target.getAttribute('method') !== 'post')
      return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target, submitter } = event;
    if (await stays()) {
      awaitLapse();
      target.requestSubmit(submitter);
    } else {
      lapse.querySelector('a')?.focus();
    }
  }, true);

  document.addEventListener('htmx:beforeOnLoad', event => {
    if (!lapse || event.detail.xhr.status !== 401)
      return;
    event.preventDefault();
    if (!lapsed)
      sayOfLapse('lapsed-words', true);
  });

  document.addEventListener('htmx:afterRequest', event => {
    if (lapsed && event.detail.successful)
      awaitLapse();
  });

  for (const button of document.querySelectorAll('[data-show]')) {
    const field = region(button.dataset.show);
    button.hidden = false;
    button.addEventListener('click', () => {
      const shown = field.type === 'text';
      field.type = shown ? 'password' : 'text';
      button.setAttribute('aria-pressed', String(!shown));
    });
  }

  // The keys of the help page. None acts where somebody types or while a window is open, and none does what could not be taken back.
  const palette = region('palette');
  const help = region('help');
  const isField = target => target.closest('input, textarea, select, [contenteditable]');
  let goingUntil = 0;

  // The rows of lists and tables, by their links: Enter then opens what has the focus by itself.
  function step(by) {
    const rows = [...document.querySelectorAll('main tbody tr, main .record-list > li')].map(row => row.querySelector('a')).filter(link => link?.checkVisibility());
    const at = rows.findIndex(link => link.closest('tr, li').contains(document.activeElement));
    rows[at < 0 ? (by > 0 ? 0 : -1) : at + by]?.focus();
  }

  async function showHelp() {
    if (location.pathname === '/help')
      return;
    if (!region('keys'))
      await htmx.ajax('GET', '/help', { target: '#help-keys', select: '#keys', swap: 'innerHTML ignoreTitle:true' });
    if (region('keys') && !help.open)
      help.showModal();
  }

  function filterPalette() {
    const asked = palette.querySelector('input').value.trim().toLowerCase();
    const entries = [...palette.querySelectorAll('li')];
    for (const entry of entries)
      entry.hidden = !(entry.textContent + entry.firstChild.getAttribute('href')).toLowerCase().includes(asked);
    const none = palette.querySelector('[data-none]');
    none.textContent = entries.every(entry => entry.hidden) ? none.dataset.none : '';
  }

  function showPalette() {
    if (document.querySelector('dialog[open]'))
      return;
    const list = palette.querySelector('ul');
    if (!list.firstChild)
      for (const link of document.querySelectorAll('#menu a, .account-link, .foot-link')) {
        const entry = list.appendChild(document.createElement('li')).appendChild(document.createElement('a'));
        entry.href = link.getAttribute('href');
        entry.append(...link.cloneNode(true).childNodes);
      }
    palette.querySelector('input').value = '';
    filterPalette();
    palette.showModal();
  }

  const keys = {
    '/': () => {
      region('search').focus();
      region('search').select();
    },
    '?': showHelp,
    'g': () => { goingUntil = Date.now() + 2000; },
    'j': () => step(1),
    'k': () => step(-1),
    '[': () => document.querySelector('.pager [rel=prev]')?.click(),
    ']': () => document.querySelector('.pager [rel=next]')?.click(),
  };

  document.addEventListener('keydown', event => {
    if (!palette || event.altKey || event.isComposing)
      return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      showPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || document.querySelector('dialog[open]'))
      return;
    if (isField(event.target)) {
      if (event.key === 'Escape')
        event.target.blur();
      return;
    }
    if (document.body.dataset.keys === 'off')
      return;
    const place = Date.now() < goingUntil && /^[a-z]$/.test(event.key) && document.querySelector(`#menu [data-go=${event.key}]`);
    goingUntil = 0;
    const act = place ? () => place.click() : Object.hasOwn(keys, event.key) && keys[event.key];
    if (!act)
      return;
    event.preventDefault();
    act();
  });

  palette?.addEventListener('input', filterPalette);

  palette?.addEventListener('click', event => {
    if (event.target.closest('a'))
      palette.close(); // or it would be there again on the way back
  });

  palette?.addEventListener('submit', event => {
    const first = palette.querySelector('li:not([hidden]) a');
    if (!first)
      return;
    event.preventDefault();
    first.click();
  });

  palette?.addEventListener('keydown', event => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by)
      return;
    event.preventDefault();
    const stops = [palette.querySelector('input'), ...palette.querySelectorAll('li:not([hidden]) a')];
    stops[(stops.indexOf(document.activeElement) + by + stops.length) % stops.length].focus();
  });

  // A secret is shown for a minute, or as often as somebody asks for another; then it is taken out of the page, and when the page is left.
  const secret = document.querySelector('[data-secret]');
  if (secret) {
    const shown = secret.querySelector('[data-secret-shown]');
    const left = secret.querySelector('[data-secret-left]');
    const seconds = Number(secret.dataset.secret);
    let end = Date.now() + seconds * 1000;
    const timer = setInterval(() => {
      const now = Math.ceil((end - Date.now()) / 1000);
      left.textContent = left.dataset.secretLeft.replace('{0}', Math.max(now, 0));
      if (now <= 0)
        hide();
    }, 250);
    function hide() {
      clearInterval(timer);
      if (!shown.isConnected)
        return;
      const hadFocus = shown.contains(document.activeElement);
      shown.remove();
      const gone = secret.querySelector('[data-secret-gone]');
      gone.hidden = false;
      if (hadFocus)
        gone.focus();
      region('status').textContent = secret.dataset.secretHidden;
    }
    secret.querySelector('[data-secret-keep]').addEventListener('click', () => { end = Date.now() + seconds * 1000; });
    secret.querySelector('[data-secret-hide]').addEventListener('click', hide);
    addEventListener('pagehide', hide);
  }

  function takeFocus(root) {
    root.querySelector('[data-take-focus]')?.focus();
  }

  takeFocus(document);
  document.addEventListener('htmx:afterSwap', event => takeFocus(event.detail.target.parentElement ?? document));
})();
