// A made-up stream of hashtags: popularity falls off as in real life (Zipf), drifts, and now and
// then something goes viral for some minutes.
'use strict';

const Hashtags = (() => {
  const known = ('sqlite coffee sunset football photography vinyl running ramen catsofinstagram spaceflight ' +
    'bookclub marathon aurora synthwave sourdough opensource chess gardening thunderstorm webassembly ' +
    'formula1 nowplaying ceramics climbing streetart tea bicycle lighthouse jazz watercolor puzzle ' +
    'stargazing noodles typography museum rain harvest surfing knitting comet orchard ferry origami ' +
    'mountains lemonade birdwatching retrogaming poetry').split(' ');
  const firsts = ('amber arctic bold brave bright calm clever coastal cold cosmic crisp daily dusty early ' +
    'electric faded fast fresh gentle giant golden green happy hidden hollow icy indie late little local ' +
    'lucky mellow misty modern neon noble north old open paper quiet rapid royal rusty silent silver slow ' +
    'solar spicy steady sunny super tiny urban vivid wild winter young').split(' ');
  const seconds = ('anchor apple beach bear bird boat bread bridge cabin canyon cat city cloud coast cook ' +
    'dance desert dog dream farm field film fire fish forest fox garden guitar harbor hill home island ' +
    'kitchen lake leaf letter light market meadow moon morning night ocean owl park piano planet radio ' +
    'river road rocket sky snow song spring star storm story summer sun tea theater town train travel tree ' +
    'trip valley violin voyage walk wave weekend wind wood').split(' ');

  // A small random number generator with a seed (mulberry32).
  const make_random = (seed) => () => {
    seed = (seed + 0x6D2B79F5) | 0;
    let bits = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };

  class Generator {
    constructor(seed) {
      this.random = make_random(seed);
      const tail = [];
      for (const first of firsts) for (const second of seconds) tail.push(first + second);
      for (let at = tail.length - 1; at > 0; --at) {
        const other = Math.floor(this.random() * (at + 1));
        [tail[at], tail[other]] = [tail[other], tail[at]];
      }
      this.names = [...known, ...tail].map((name) => '#' + name);
      const count = this.names.length;
      this.base = Float64Array.from({length: count}, (_, at) => (at + 3) ** -1.02);
      this.mood = Float64Array.from({length: known.length * 3}, () => this.normal());
      this.viral = new Map();  // index -> share of all events, decaying
      this.upto = new Float64Array(count);
      this.weigh();
    }

    normal() {
      return Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
    }

    // Advances by this much time: popularity drifts within the hour, virals fade within minutes.
    pass(seconds) {
      const keep = Math.exp(-seconds / 2400);
      const stir = Math.sqrt(1 - keep * keep);
      for (let at = 0; at < this.mood.length; ++at) this.mood[at] = this.mood[at] * keep + this.normal() * stir;
      const fade = Math.exp(-seconds / 150);
      for (const [at, share] of this.viral) {
        if (share * fade < 0.002) this.viral.delete(at);
        else this.viral.set(at, share * fade);
      }
      if (this.random() < 1 - Math.exp(-seconds / 75)) {
        const at = Math.floor(this.random() ** 2 * 1500);
        this.viral.set(at, 0.03 + 0.09 * this.random());
      }
      this.weigh();
    }

    weigh() {
      let sum = 0;
      for (let at = 0; at < this.base.length; ++at) {
        sum += at < this.mood.length ? this.base[at] * Math.exp(0.55 * this.mood[at]) : this.base[at];
        this.upto[at] = sum;
      }
      this.viral_share = [...this.viral.values()].reduce((total, share) => total + share, 0);
    }

    draw() {
      let left = this.random() * Math.max(1, this.viral_share + 0.5);
      for (const [at, share] of this.viral) {
        if (left < share) return this.names[at];
        left -= share;
      }
      const target = this.random() * this.upto[this.upto.length - 1];
      let low = 0;
      let high = this.upto.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.upto[middle] > target) high = middle;
        else low = middle + 1;
      }
      return this.names[low];
    }

    // How many events fall into a span in which `mean` are expected (Poisson).
    count_of(mean) {
      if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
      let count = 0;
      for (let left = Math.exp(-mean), chance = this.random(); chance > left; chance *= this.random()) ++count;
      return count;
    }
  }

  // Events a second, this long ago: rising and falling over the day, with a rush in the last hour.
  const history_rate = (seconds_ago) =>
    1.5 + 0.7 * Math.cos((seconds_ago / 86400) * 2 * Math.PI * 2) + 0.35 * Math.sin(seconds_ago / 2900) +
    7 * Math.exp(-seconds_ago / 2400);

  return {Generator, history_rate};
})();
