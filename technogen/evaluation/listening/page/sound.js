"use strict";

// Plays the sounds of one view, from memory, so that each starts at once; counts starts and what was heard to its end.
class Deck {
  constructor() {
    this.context = null;
    this.buffers = [];
    this.plays = [];
    this.whole = [];
    this.playing = -1;
    this.source = null;
    this.startedAt = 0;
    this.firstStart = null;
    this.onchange = () => {};
  }

  async load(urls) {
    this.clear();
    this.context = this.context || new AudioContext();
    this.plays = urls.map(() => 0);
    this.whole = urls.map(() => false);
    this.buffers = await Promise.all(urls.map((url) => this.fetchBuffer(url)));
  }

  async fetchBuffer(url) {
    const response = await fetch(url).catch(() => {
      throw new Error("The server cannot be reached.");
    });
    if (!response.ok) {
      const said = await response.json().catch(() => ({}));
      throw new Error(said.message || "A sound could not be loaded.");
    }
    return this.context.decodeAudioData(await response.arrayBuffer());
  }

  clear() {
    this.stop();
    this.buffers = [];
    this.firstStart = null;
  }

  async toggle(index) {
    if (this.playing === index) this.stop();
    else await this.play(index);
  }

  async play(index) {
    if (!this.buffers[index]) return;
    this.stop();
    await this.context.resume();
    const source = this.context.createBufferSource();
    source.buffer = this.buffers[index];
    source.connect(this.context.destination);
    source.onended = () => {
      if (this.source !== source) return;
      this.whole[index] = true;
      this.forget();
    };
    source.start();
    this.source = source;
    this.playing = index;
    this.startedAt = this.context.currentTime;
    if (this.firstStart === null) this.firstStart = performance.now();
    this.plays[index] += 1;
    this.onchange();
  }

  stop() {
    if (!this.source) return;
    const source = this.source;
    this.forget();
    source.stop();
  }

  forget() {
    this.source = null;
    this.playing = -1;
    this.onchange();
  }

  share(index) {
    if (this.playing !== index) return 0;
    return Math.min(1, (this.context.currentTime - this.startedAt) / this.buffers[index].duration);
  }

  seconds() {
    return this.firstStart === null ? 0 : (performance.now() - this.firstStart) / 1000;
  }
}
