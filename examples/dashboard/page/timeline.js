// The last 24 hours as an area, and the slider on it that takes the charts back in time.
'use strict';

const Timeline = (() => {
  const day = 86400;
  const bucket_seconds = 600;
  const buckets = day / bucket_seconds;
  const clock = new Intl.DateTimeFormat(undefined, {weekday: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit'});

  const span = (seconds) => {
    const minutes = Math.round(seconds / 60);
    if (minutes < 60) return `${minutes} min`;
    return `${Math.floor(minutes / 60)} h` + (minutes % 60 ? ` ${minutes % 60} min` : '');
  };

  // Calls `moved(at)` with unix seconds, or null for now.
  class Timeline {
    constructor(moved) {
      this.moved = moved;
      this.at = null;
      this.slider = document.getElementById('at');
      this.moment = document.getElementById('moment');
      this.back = document.getElementById('now');
      this.area = document.getElementById('history_area');
      this.slider.addEventListener('input', () => {
        const minutes_ago = Number(this.slider.max) - Number(this.slider.value);
        // A whole minute, where panes end.
        this.set(minutes_ago === 0 ? null : Math.floor(Date.now() / 60000 - minutes_ago) * 60);
      });
      this.back.addEventListener('click', () => {
        this.set(null);
        this.slider.focus();
      });
      this.tell();
    }

    set(at) {
      this.at = at;
      this.tell();
      this.moved(at);
    }

    // Shows the moment in words and by the slider: as time passes, a fixed moment moves to the
    // left.
    tell() {
      const is_past = this.at !== null;
      const ago = is_past ? Date.now() / 1000 - this.at : 0;
      const words = is_past ? `As of ${clock.format(this.at * 1000)}, ${span(ago)} ago` : 'Now, live';
      if (this.moment.textContent !== words) this.moment.textContent = words;
      this.slider.setAttribute('aria-valuetext', words);
      if (is_past) this.slider.value = String(Math.round(Number(this.slider.max) - ago / 60));
      else this.slider.value = this.slider.max;
      this.back.disabled = !is_past;
      document.documentElement.classList.toggle('is_past', is_past);
    }

    // Draws the events per ten minutes, read from the log.
    draw(database) {
      const until = Date.now() / 1000;
      const counts = new Array(buckets).fill(0);
      for (const {bucket, events} of database.select(
        `SELECT CAST((ts - ?1) / ${bucket_seconds} AS INTEGER) AS bucket, sum(weight) AS events
           FROM hashtags WHERE ts > ?1 GROUP BY bucket`, until - day)) {
        if (bucket >= 0 && bucket < buckets) counts[bucket] = Math.max(0, events);
      }
      const most = Math.max(1, ...counts);
      let path = 'M0 40';
      counts.forEach((count, at) => {
        const y = (40 - (38 * count) / most).toFixed(2);
        path += `L${at} ${y}L${at + 1} ${y}`;
      });
      this.area.setAttribute('d', path + `L${buckets} 40Z`);
    }
  }

  return {Timeline, day};
})();
