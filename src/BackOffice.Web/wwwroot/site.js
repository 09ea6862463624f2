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

  function takeFocus(root) {
    root.querySelector('[data-take-focus]')?.focus();
  }

  takeFocus(document);
  document.addEventListener('htmx:afterSwap', event => takeFocus(event.detail.target.parentElement ?? document));
})();
