// Puts the page together: the clock of the stream, refreshes, and what happens on each click.
//
// ?seed=7: another stream; ?history=0: no made-up day before now; ?rate=5: events a second;
// ?paused: starts paused.
'use strict';

(async () => {
  const element = (id) => document.getElementById(id);
  const wish = new URLSearchParams(location.search);
  const rates = [1, 2, 5, 10, 25, 50, 100, 500, 2000];
  const tick_milliseconds = 250;
  const refresh_milliseconds = 1000;
  const save_milliseconds = 2500;
  const most_bytes = 96 * 1024 * 1024;
  const store_name = 'topk-dashboard';

  const state = {
    tab: 'top',     // or 'rise', 'fall': what rises, what falls
    mode: 'fast',
    compare: false,
    is_paused: wish.has('paused'),
    rate: Number(wish.get('rate') ?? rates[Number(element('rate').value)]),
    watched: null,  // the chosen item
    asked: null,    // the instant, unix seconds, that the charts show
  };

  let is_ready = false;  // there is a database, and it is not being filled

  const tell = (message, kind = 'info') => {
    const notice = element('notice');
    notice.hidden = !message;
    notice.className = 'notice ' + kind;
    notice.textContent = message ?? '';
  };
  const say = (message) => { element('said').textContent = message; };
  const yielded = () => new Promise((resolve) => { setTimeout(resolve); });
  const remembered = (key, value) => {
    try {
      if (value === undefined) return localStorage.getItem(key);
      localStorage.setItem(key, value);
    } catch {
      // The browser has no storage for this page: the choice is forgotten with it.
    }
    return value ?? null;
  };

  // ---- colours

  const themes = {auto: 'as the system says', light: 'light', dark: 'dark'};
  const set_theme = (name) => {
    document.documentElement.dataset.theme = name;
    element('theme_name').textContent = name[0].toUpperCase() + name.slice(1);
    element('theme').setAttribute('aria-label', 'Colours: ' + themes[name]);
  };
  set_theme(remembered('topk-theme') in themes ? remembered('topk-theme') : 'auto');
  element('theme').addEventListener('click', () => {
    const names = Object.keys(themes);
    const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
    set_theme(next);
    remembered('topk-theme', next);
  });

  // ---- database

  tell('Starting SQLite…');
  let store = null;
  try {
    store = await Store.open(store_name);
  } catch (error) {
    console.warn('No IndexedDB:', error);
    element('kept').textContent = 'This browser stores nothing for this page: the database lasts until you leave.';
  }
  const database = new Hashbase.Hashbase(await topkModule(), store);
  const generator = new Hashtags.Generator(Number(wish.get('seed') ?? Date.now() % 1e9));

  // Makes up a day, so that the four windows differ from the start.
  const fill_history = async () => {
    const step = 60;
    const amount = Number(wish.get('history') ?? 1);
    const now = Math.floor(Date.now() / 1000);
    let events = [];
    for (let ago = Timeline.day; ago > 0 && amount > 0; ago -= step) {
      generator.pass(step);
      const count = generator.count_of(step * Hashtags.history_rate(ago) * amount);
      for (let at = 0; at < count; ++at) events.push([generator.draw(), now - ago + Math.floor((step * at) / count)]);
      if (events.length >= 4000 || ago === step) {
        database.add_all(events);
        events = [];
        tell(`Making up a day of hashtags: ${Math.round(100 - (100 * ago) / Timeline.day)} %`);
        await yielded();
      }
    }
  };

  const save = async () => {
    if (!store) return;
    try {
      await store.save();
      if (store.is_lost) element('kept').textContent = 'Another tab has taken over the database: this tab no longer saves it.';
    } catch (error) {
      element('kept').textContent = `The database could not be saved: ${error.message}`;
    }
  };

  // ---- charts

  const timeline = new Timeline.Timeline(() => refresh());
  const choose = (item) => {
    state.watched = item;
    element('item').value = item;
    say(`“${item}” is chosen.`);
    show_watched();
  };
  const panels = Panels.make(element('panels'), choose);
  const rising_panels = Rising.make(element('rising'), choose);

  const show_watched = () => {
    const list = element('watched');
    list.hidden = state.watched === null;
    if (state.watched === null) return;
    list.replaceChildren(...Panels.windows.map(({length, title}) => {
      const {count, lower, upper} = database.count_of(length, state.watched, state.mode, state.asked);
      const cell = document.createElement('div');
      const [name, value, bounds] = ['dt', 'dd', 'dd'].map((tag) => document.createElement(tag));
      name.textContent = title;
      value.textContent = Panels.number.format(count);
      bounds.textContent = lower === upper ? 'exact' : Panels.range(lower, upper);
      bounds.className = 'bounds';
      Object.assign(cell.dataset, {window: length, count, lower, upper});
      cell.append(name, value, bounds);
      return cell;
    }));
  };

  // Asks everything that is shown as of one instant, so that panels, comparison and a SELECT typed
  // later agree.
  function refresh() {
    if (!is_ready) return;
    state.asked = timeline.at ?? Date.now() / 1000;
    if (state.tab === 'top') refresh_top();
    else refresh_rising();
    show_watched();
  }

  function refresh_top() {
    const results = [];
    for (const panel of panels) {
      const {length, title} = panel.window;
      let answer;
      if (state.compare) {
        const result = Comparison.compare_window(database, length, state.asked);
        results.push([title, result]);
        // A row of this mode that fast does not return: its count is the exact one.
        for (const row of result[state.mode].rows) {
          if (!result.exact_of.has(row.item)) result.exact_of.set(row.item, row.count);
        }
        answer = {...result[state.mode], exact: result.exact_of};
      } else {
        answer = {...database.top(length, state.mode, state.asked), exact: null};
      }
      panel.show(answer);
    }
    if (state.compare) Comparison.show(element('comparison'), results);
    element('query').textContent =
      `SELECT * FROM topk('1hour', 10, 'hashtags', '${state.mode}', ${state.asked.toFixed(0)})`;
  }

  function refresh_rising() {
    const direction = state.tab;
    const is_past = timeline.at !== null;
    for (const panel of rising_panels) panel.ask(database, {direction, mode: state.mode, asked: state.asked, is_past});
    element('query').textContent = `SELECT * FROM topk_trending('1hour', 10, 'hashtags', '${state.mode}', ` +
      `${state.asked.toFixed(0)}, NULL, '1hour', '${direction}')`;
  }

  let before = null;  // events and the time of the last figures
  const show_figures = () => {
    const figures = database.figures();
    const now = performance.now();
    const rate = before ? (1000 * (figures.events - before.events)) / (now - before.now) : null;
    before = {events: figures.events, now};
    const {format} = Panels.number;
    const microseconds = (time) => (time < 1000 ? `${time} µs` : Panels.milliseconds(time / 1000));
    element('tile_rate').textContent = rate === null ? '–' : format(rate.toFixed(rate < 100 ? 1 : 0));
    element('tile_events').textContent = format(figures.events);
    element('tile_p50').textContent = microseconds(figures.query_p50_us);
    element('tile_p95').textContent = microseconds(figures.query_p95_us);
    element('tile_error').textContent = format(figures.max_error);
    element('tile_disk').textContent = (database.byte_size() / 1048576).toFixed(1) + ' MB';
  };

  // ---- actions of the user

  const show_pause = () => {
    element('pause').setAttribute('aria-pressed', String(state.is_paused));
    element('pause_name').textContent = state.is_paused ? 'Go on' : 'Pause';
    document.documentElement.classList.toggle('is_paused', state.is_paused);
  };
  const show_rate = () => { element('rate_value').textContent = `${Panels.number.format(state.rate)} / s`; };
  element('pause').addEventListener('click', () => {
    state.is_paused = !state.is_paused;
    tell(null);
    show_pause();
  });
  element('rate').addEventListener('input', () => {
    state.rate = rates[Number(element('rate').value)];
    element('rate').setAttribute('aria-valuetext', `${state.rate} events a second`);
    show_rate();
  });
  element('mode').addEventListener('change', (event) => {
    state.mode = event.target.value;
    refresh();
  });
  element('compare').addEventListener('change', () => {
    state.compare = element('compare').checked;
    document.documentElement.classList.toggle('is_comparing', state.compare);
    element('compare_invitation').hidden = state.compare;
    refresh();
  });

  // One tab is in the tab order; arrow keys choose the next.
  const tabs = ['top', 'rise', 'fall'];
  const choose_tab = (name) => {
    state.tab = name;
    for (const other of tabs) {
      element('tab_' + other).setAttribute('aria-selected', String(other === name));
      element('tab_' + other).tabIndex = other === name ? 0 : -1;
    }
    const is_rising = name !== 'top';
    element('panels').hidden = is_rising;
    element('rising').hidden = !is_rising;
    if (is_rising) element('rising').setAttribute('aria-labelledby', 'tab_' + name);
    document.documentElement.classList.toggle('shows_rising', is_rising);
    refresh();
  };
  for (const name of tabs) {
    element('tab_' + name).addEventListener('click', () => choose_tab(name));
    element('tab_' + name).addEventListener('keydown', ({key}) => {
      const way = {ArrowRight: 1, ArrowLeft: -1}[key];
      if (!way) return;
      const next = tabs[(tabs.indexOf(name) + way + tabs.length) % tabs.length];
      element('tab_' + next).focus();
      choose_tab(next);
    });
  }

  const take = (act) => {
    const form = element('add');
    if (!is_ready || !form.reportValidity()) return;
    const item = element('item').value;
    const weight = Number(element('weight').value);
    state.watched = item;
    try {
      say(act(item, weight));
    } catch (error) {
      say(error.message);
    }
    timeline.set(null);
    save();
  };
  element('add').addEventListener('submit', (event) => {
    event.preventDefault();
    take((item, weight) => {
      database.add(item, weight);
      return `Added “${item}” with weight ${weight}.`;
    });
  });
  element('retract').addEventListener('click', () => take((item, weight) =>
    database.retract(item, weight) ? `Retracted “${item}” with weight ${weight}.`
                                   : `The log holds no “${item}” to retract.`));

  element('download').addEventListener('click', () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([database.bytes()], {type: 'application/vnd.sqlite3'}));
    link.download = 'topk.db';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
  element('anew').addEventListener('click', async () => {
    if (!is_ready || !confirm('Delete the database of this page, and make up another day?')) return;
    is_ready = false;
    await database.start_over();
    await fill_history();
    state.watched = null;
    await go();
  });

  // ---- clocks

  let last_tick = 0;
  let unpassed = 0;
  const tick = () => {
    const now = performance.now();
    const seconds = Math.min(1, (now - last_tick) / 1000);
    last_tick = now;
    if (!is_ready || state.is_paused || document.hidden) return;
    unpassed += seconds;
    if (unpassed >= 1) {
      generator.pass(unpassed);
      unpassed = 0;
    }
    const ts = Date.now() / 1000;
    const count = generator.count_of(seconds * state.rate);
    if (count > 0) database.add_all(Array.from({length: count}, () => [generator.draw(), ts]));
    if (database.byte_size() > most_bytes) {
      state.is_paused = true;
      show_pause();
      tell('The database has reached 96 MB, so the stream is paused. Start over, at the foot of the page, empties it.', 'warning');
    }
  };

  // The more a refresh costs, the longer the next one waits: exact must not freeze the page.
  let rounds = 0;
  const refresh_on = () => {
    const begun = performance.now();
    if (is_ready && !document.hidden) {
      try {
        timeline.tell();
        refresh();
        if (rounds % 3 === 0) show_figures();
        if (rounds % 30 === 0) timeline.draw(database);
      } catch (error) {
        tell(error.message, 'warning');
        console.error(error);
      }
      ++rounds;
    }
    setTimeout(refresh_on, Math.max(refresh_milliseconds, 5 * (performance.now() - begun)));
  };

  const go = async () => {
    is_ready = true;
    rounds = 0;
    before = null;
    tell(null);
    timeline.set(null);
    await save();
    document.documentElement.classList.add('is_ready');
  };

  show_pause();
  show_rate();
  const was_kept = await database.open();
  if (!was_kept) await fill_history();
  element('version').textContent =
    `topk ${database.select('SELECT topk_version() AS v')[0].v}, SQLite ${database.select('SELECT sqlite_version() AS v')[0].v}`;
  await go();
  setInterval(tick, tick_milliseconds);
  setInterval(save, save_milliseconds);
  refresh_on();
  addEventListener('pagehide', save);
  document.addEventListener('visibilitychange', () => { if (document.hidden) save(); });

  // For the console, and for the tests.
  window.topk = {
    select: (sql, ...values) => database.select(sql, ...values),
    state,
    refresh,
    save,
    bytes: () => database.bytes(),
    was_kept,
  };
})().catch((error) => {
  const notice = document.getElementById('notice');
  notice.hidden = false;
  notice.className = 'notice warning';
  notice.textContent = `The page could not start: ${error.message}`;
  console.error(error);
});
