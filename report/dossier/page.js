// What the page does beyond text: filters, order, a larger view, copying. It works from a file, loads nothing, and without it all of the
// page can be read.
'use strict';
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const said = document.getElementById('said');
  const say = text => { said.textContent = ''; setTimeout(() => { said.textContent = text; }, 50); };
  const shown = item => !item.hidden;
  const plural = (n, noun) => n + ' ' + noun + (n === 1 ? '' : 's');

  all('.filters').forEach(bar => {
    const items = all(bar.dataset.items), noun = bar.dataset.noun;
    const inOrder = items.slice(), words = new Map(items.map(item => [item, item.textContent.toLowerCase()]));
    const filters = all('select[data-key]', bar), order = bar.querySelector('select[data-order]');
    const text = bar.querySelector('input'), count = bar.querySelector('output'), reset = bar.querySelector('button');
    const apply = () => {
      const wanted = filters.filter(f => f.value !== ''), sought = text.value.trim().toLowerCase().split(/\s+/);
      let n = 0;
      items.forEach(item => {
        item.hidden = !wanted.every(f => item.dataset[f.dataset.key] === f.value) || !sought.every(word => words.get(item).includes(word));
        if (!item.hidden) n++;
      });
      const active = wanted.length > 0 || text.value.trim() !== '' || order && order.selectedIndex > 0;
      reset.hidden = !active;
      count.textContent = n === items.length ? 'all ' + plural(n, noun) : n === 0 ? 'no ' + noun + ' is like that' : n + ' of ' + plural(items.length, noun);
      all('[data-empties]').forEach(section => {
        const own = all(section.dataset.empties, section);
        section.hidden = own.length > 0 && !own.some(shown);
      });
    };
    const sort = () => {
      const key = order.value, place = items.length && items[0].parentNode;
      const by = key === '' ? inOrder : inOrder.slice().sort((a, b) => Number(a.dataset[key] || Infinity) - Number(b.dataset[key] || Infinity));
      by.forEach(item => place.append(item));
    };
    filters.forEach(f => f.addEventListener('change', apply));
    text.addEventListener('input', apply);
    if (order) order.addEventListener('change', () => { sort(); apply(); });
    reset.addEventListener('click', () => {
      filters.forEach(f => { f.value = ''; });
      text.value = '';
      if (order) { order.value = ''; sort(); }
      apply();
      (filters[0] || text).focus();
    });
    // What a link leads to is shown, whatever was filtered.
    const reveal = () => {
      const at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (at && at.hidden && items.includes(at)) { reset.click(); at.scrollIntoView(); }
    };
    addEventListener('hashchange', reveal);
    bar.hidden = false;
    apply();
  });

  const zoom = document.getElementById('zoom');
  if (zoom) {
    const title = document.getElementById('zoom-title'), body = zoom.querySelector('.zoomed'), legend = document.querySelector('.legend');
    const cards = () => all('.cards .card').filter(shown);
    let card = null;
    const show = to => {
      card = to;
      const copy = to.cloneNode(true), among = cards();
      copy.removeAttribute('id');
      all('[id]', copy).forEach(e => e.removeAttribute('id'));
      all('.open', copy).forEach(e => e.remove());
      const heading = copy.querySelector('h3');
      title.replaceChildren(...heading.childNodes);
      heading.remove();
      const pictures = copy.querySelector('.pictures');
      if (legend && pictures && to.dataset.heat) pictures.after(legend.cloneNode(true));
      body.replaceChildren(...copy.childNodes);
      body.className = 'zoomed card';
      zoom.querySelector('.where').textContent = (among.indexOf(to) + 1) + ' of ' + among.length;
      zoom.querySelector('.previous').disabled = among[0] === to;
      zoom.querySelector('.next').disabled = among[among.length - 1] === to;
      if (!zoom.open) zoom.showModal();
      zoom.scrollTop = 0;
    };
    const step = by => { const among = cards(), to = among[among.indexOf(card) + by]; if (to) { show(to); say(title.textContent); } };
    zoom.querySelector('.previous').addEventListener('click', () => step(-1));
    zoom.querySelector('.next').addEventListener('click', () => step(1));
    zoom.querySelector('.close').addEventListener('click', () => zoom.close());
    zoom.addEventListener('keydown', event => {
      if (event.key === 'ArrowLeft') step(-1);
      if (event.key === 'ArrowRight') step(1);
    });
    zoom.addEventListener('click', event => { if (event.target === zoom) zoom.close(); });
    zoom.addEventListener('close', () => { const back = card && card.querySelector('.open'); if (back) back.focus(); });
    all('.card .open').forEach(button => { button.hidden = false; button.addEventListener('click', () => show(button.closest('.card'))); });
    all('.cards .pictures').forEach(pictures => pictures.addEventListener('click', () => show(pictures.closest('.card'))));
  }

  const copyText = async text => {
    try { await navigator.clipboard.writeText(text); return true; } catch (refused) { /* as a page of a file may be */ }
    const area = document.createElement('textarea');
    area.value = text;
    (document.querySelector('dialog[open]') || document.body).append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  };
  document.addEventListener('click', async event => {
    const button = event.target.closest && event.target.closest('.copy');
    if (!button) return;
    const done = await copyText(button.parentElement.querySelector('code').textContent);
    button.focus();
    button.textContent = done ? 'Copied' : 'Select it to copy';
    say(done ? 'The command is copied.' : 'The browser does not let the page copy.');
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  all('.copy').forEach(button => { button.hidden = false; });
})();
