// Drives a headless Chromium by its DevTools protocol over two pipes: no driver, no port, no package.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions',
  '--disable-dev-shm-usage', '--password-store=basic', '--remote-debugging-pipe'];

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

// One tab. `problems` gathers what the console calls an error or a warning, and every uncaught exception.
class Page {
  constructor(browser, session) {
    this.browser = browser;
    this.session = session;
    this.problems = [];
  }

  send(method, parameters = {}) {
    return this.browser.send(method, parameters, this.session);
  }

  heard({method, params}) {
    if (method === 'Runtime.exceptionThrown') {
      const {text, exception} = params.exceptionDetails;
      this.problems.push(`uncaught: ${exception?.description ?? text}`);
    } else if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(params.type)) {
      this.problems.push(`console.${params.type}: ${params.args.map((arg) => arg.value ?? arg.description).join(' ')}`);
    } else if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) {
      this.problems.push(`${params.entry.source} ${params.entry.level}: ${params.entry.text} ${params.entry.url ?? ''}`);
    } else if (method === 'Page.javascriptDialogOpening') {
      this.send('Page.handleJavaScriptDialog', {accept: true});
    } else if (method === 'Page.loadEventFired') {
      this.loaded?.();
    }
  }

  // Goes there, or loads the same page again without a URL.
  async open(url) {
    const loaded = new Promise((resolve) => { this.loaded = resolve; });
    if (url) await this.send('Page.navigate', {url});
    else await this.send('Page.reload');
    await loaded;
  }

  // The value of a function called in the page; its arguments and its value are JSON.
  async run(body, ...values) {
    const expression = `(${body})(...${JSON.stringify(values)})`;
    const {result, exceptionDetails} = await this.send('Runtime.evaluate',
      {expression, awaitPromise: true, returnByValue: true, userGesture: true});
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  // Waits until a function called in the page says true.
  async until(body, what, ...values) {
    for (const end = Date.now() + 90_000; Date.now() < end; await sleep(50)) {
      if (await this.run(body, ...values)) return;
    }
    throw new Error(`waited in vain: ${what}; the notice says: ` +
      await this.run(() => document.getElementById('notice')?.textContent));
  }

  // A real click in the middle of an element.
  async click(selector) {
    const [x, y] = await this.run((wanted) => {
      const element = document.querySelector(wanted);
      element.scrollIntoView({block: 'center', behavior: 'instant'});
      const box = element.getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2];
    }, selector);
    for (const type of ['mousePressed', 'mouseReleased']) {
      await this.send('Input.dispatchMouseEvent', {type, x, y, button: 'left', clickCount: 1});
    }
  }

  // Real key strokes into whatever has the focus.
  async type(text) {
    await this.send('Input.insertText', {text});
  }

  async key(key, code, key_code) {
    const text = key === 'Enter' ? '\r' : undefined;
    await this.send('Input.dispatchKeyEvent', {type: 'keyDown', key, code, windowsVirtualKeyCode: key_code, text});
    await this.send('Input.dispatchKeyEvent', {type: 'keyUp', key, code, windowsVirtualKeyCode: key_code});
  }

  async look({width, height, is_phone = false, scheme = 'light', less_motion = true}) {
    await this.send('Emulation.setDeviceMetricsOverride',
      {width, height, deviceScaleFactor: is_phone ? 2 : 1, mobile: is_phone});
    await this.send('Emulation.setEmulatedMedia', {features: [
      {name: 'prefers-color-scheme', value: scheme},
      {name: 'prefers-reduced-motion', value: less_motion ? 'reduce' : 'no-preference'},
    ]});
  }

  // PNG bytes of the whole page.
  async picture() {
    const {data} = await this.send('Page.captureScreenshot', {format: 'png', captureBeyondViewport: true});
    return Buffer.from(data, 'base64');
  }
}

export class Browser {
  static async start(executable) {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), 'topk-browser-'));
    browser.process = spawn(executable, [...flags, `--user-data-dir=${browser.profile}`, 'about:blank'],
      {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']});
    browser.ended = new Promise((resolve) => { browser.process.on('exit', resolve); });
    browser.next = 1;
    browser.waiting = new Map();
    browser.pages = new Map();
    const [, , , to, from] = browser.process.stdio;
    browser.to = to;
    to.on('error', () => {});  // `ended` reports the end of the process
    let rest = Buffer.alloc(0);
    from.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
        browser.heard(JSON.parse(rest.subarray(0, end).toString()));
      }
    });
    browser.ended.then(() => {
      for (const {reject} of browser.waiting.values()) reject(new Error('the browser has ended'));
    });
    return browser;
  }

  heard(message) {
    if (message.id === undefined) {
      this.pages.get(message.sessionId)?.heard(message);
      return;
    }
    const {resolve, reject} = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error) reject(new Error(message.error.message));
    else resolve(message.result);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, {resolve, reject});
      this.to.write(JSON.stringify({id, method, params, sessionId}) + '\0');
    });
  }

  async new_page() {
    const {targetId} = await this.send('Target.createTarget', {url: 'about:blank'});
    const {sessionId} = await this.send('Target.attachToTarget', {targetId, flatten: true});
    const page = new Page(this, sessionId);
    this.pages.set(sessionId, page);
    for (const domain of ['Page', 'Runtime', 'Log']) await page.send(`${domain}.enable`);
    return page;
  }

  async close() {
    await Promise.race([this.send('Browser.close').catch(() => {}), sleep(5000)]);
    await Promise.race([this.ended, sleep(5000).then(() => this.process.kill('SIGKILL'))]);
    rmSync(this.profile, {recursive: true, force: true, maxRetries: 5});
  }
}
