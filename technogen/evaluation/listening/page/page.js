"use strict";

const deck = new Deck();
const main = document.getElementById("main");
const SURE = [["1", "Guessing"], ["2", "Unsure"], ["3", "Fairly"], ["4", "Quite"], ["5", "Certain"]];
let test = null;
let session = "";
let task = null;
let attempt = 0;
let replies = [];

// What this browser remembers: the session, an answer that is on its way, how often the sounds of a trial were played.
const memory = {
  name: (what) => `listening-test/${test.test}/${what}`,
  get(what) {
    try { return JSON.parse(localStorage.getItem(this.name(what))); } catch { return null; }
  },
  set(what, value) {
    try { localStorage.setItem(this.name(what), JSON.stringify(value)); } catch { /* goes on without */ }
  },
  drop(what) {
    try { localStorage.removeItem(this.name(what)); } catch { /* was not kept */ }
  },
};

class Refused extends Error {
  constructor(status, said) {
    super(said.message || "The server did not understand.");
    this.status = status;
    this.problem = said.problem || "";
  }
}

async function ask(path, body) {
  const options = { headers: { "x-session": session } };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  let said;
  try {
    response = await fetch(path, options);
    said = await response.json();
  } catch {
    throw new Error("The server cannot be reached.");
  }
  if (!response.ok) throw new Refused(response.status, said);
  return said;
}

function tell(words) {
  document.getElementById("news").textContent = words;
}

function show(name, fills = {}, shown = []) {
  deck.clear();
  main.replaceChildren(document.getElementById(name).content.cloneNode(true));
  for (const spot of main.querySelectorAll("[data-fill]")) spot.textContent = fills[spot.dataset.fill] ?? "";
  for (const part of main.querySelectorAll("[data-show]")) part.hidden = !shown.includes(part.dataset.show);
  for (const part of [...main.querySelectorAll("[data-show]")]) if (part.hidden) part.remove();
  const heading = main.querySelector("h1");
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  document.title = `${heading.textContent} · Listening test`;
}

function offer(name, choices) {
  const box = main.querySelector(`[data-options="${name}"]`);
  if (!box) return;
  if (choices.length === 3) box.classList.add("three");
  for (const [value, words] of choices) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    label.className = "choice";
    Object.assign(input, { type: "radio", name, value, required: true });
    label.append(input, Object.assign(document.createElement("span"), { textContent: words }));
    box.append(label);
  }
}

function chosen(name) {
  const input = main.querySelector(`input[name="${name}"]:checked`);
  return input ? input.value : null;
}

function onSubmit(id, work) {
  const form = document.getElementById(id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      await work();
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

function times(count) {
  return count === 0 ? "not played yet" : count === 1 ? "played once" : `played ${count} times`;
}

// Fills the players of a view, and keeps them up to date while it is shown.
function drawPlayers(names) {
  const players = [...main.querySelectorAll(".player")].slice(0, names.length);
  for (const extra of [...main.querySelectorAll(".player")].slice(names.length)) extra.remove();
  players.forEach((player, index) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "play" });
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    const count = Object.assign(document.createElement("p"), { className: "count" });
    bar.setAttribute("aria-label", `How far ${names[index]} is`);
    button.addEventListener("click", () => deck.toggle(index));
    player.append(button, bar, count);
  });
  const draw = () => players.forEach((player, index) => {
    const on = deck.playing === index;
    const button = player.querySelector("button");
    const words = `${on ? "■ Stop" : "▶ Play"} ${names[index]}`;
    if (button.textContent !== words) button.textContent = words;
    player.classList.toggle("on", on);
    player.querySelector(".count").textContent = times(deck.plays[index]) + (deck.whole[index] ? " ✓ to the end" : "");
    player.querySelector("progress").value = deck.share(index);
  });
  const follow = () => {
    if (!players[0].isConnected) return;
    draw();
    if (deck.playing >= 0) requestAnimationFrame(follow);
  };
  deck.onchange = () => { keepPlays(); follow(); };
  draw();
}

function keepPlays() {
  if (task && task.step === "trial" && deck.plays.length === task.sounds.length) {
    memory.set("plays", { trial: task.trial, plays: deck.plays, whole: deck.whole, seconds: deck.seconds() + deck.before });
  }
}

function recallPlays() {
  const kept = memory.get("plays");
  deck.before = 0;
  if (kept && kept.trial === task.trial) {
    deck.plays = kept.plays;
    deck.whole = kept.whole;
    deck.before = kept.seconds;
  }
}

function unheard(names) {
  return names.filter((_, index) => !deck.whole[index]);
}

function drawProgress() {
  const box = document.getElementById("progress");
  box.hidden = !task || task.step !== "trial";
  if (box.hidden) return;
  const kind = task.kind === "training" ? "Practice" : "Trial";
  document.getElementById("progress-words").textContent = `${kind} ${task.position} of ${task.of}`;
  const bar = document.getElementById("progress-bar");
  bar.max = task.of;
  bar.value = task.position - 1;
}

function words() {
  const pair = test.question === "pair";
  if (test.person) {
    return {
      ask: pair ? "Which was made by a person?" : "Who made this?",
      plain: pair
        ? "Each time you hear two. One was made by a person, the other by a machine. Which is which?"
        : "Each was made by a person or by a machine. Which is it?",
      choices: pair ? [["first", "A"], ["second", "B"]] : [["person", "A person"], ["machine", "A machine"]],
      whose: "a person",
    };
  }
  return {
    ask: pair ? "Which was written by fixed rules?" : "What wrote this?",
    plain: pair
      ? "Each time you hear two. One was written by fixed rules, the other by a program that learned. Which is which?"
      : "Each was written by fixed rules or by a program that learned. Which is it?",
    choices: pair ? [["first", "A"], ["second", "B"]] : [["person", "Fixed rules"], ["machine", "A program that learned"]],
    whose: "fixed rules",
  };
}

function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

function showWelcome() {
  const sounds = test.question === "pair" ? 2 : 1;
  const each = test.seconds * sounds * 1.3 + 15;
  const minutes = Math.max(2, Math.ceil((60 + each * (test.trials + test.training) + 45) / 60));
  show("welcome", {
    question: words().plain,
    minutes: `${minutes}`,
    training: count(test.training, "practice trial", "practice trials"),
    trials: count(test.trials, "trial", "trials"),
  }, test.person ? [] : ["rehearsal"]);
  onSubmit("consent", () => attemptTo(async () => {
    const asked = new URLSearchParams(location.search);
    const participant = (asked.get("PROLIFIC_PID") || asked.get("participant") || "").slice(0, 64);
    const said = await ask("/api/join", { consent: true, participant });
    session = said.session;
    memory.set("session", session);
    await go(said.task);
  }));
}

async function showHeadphones() {
  const number = replies.length;
  show("headphones");
  document.querySelector("h1").textContent = `Headphone check ${number + 1} of ${task.of}`;
  await deck.load([task.sounds[number]]);
  drawPlayers(["the three noises"]);
  offer("check", [["0", "First"], ["1", "Second"], ["2", "Third"]]);
  onSubmit("check", () => attemptTo(async () => {
    replies.push(Number(chosen("check")));
    if (replies.length < task.of) await showHeadphones();
    else await endCheck(false);
  }));
}

async function endCheck(last) {
  const said = await ask("/api/headphones", { attempt, replies, last });
  if (said.passed || last) {
    tell(said.passed ? "Your headphones work." : "");
    await go(said.task);
    return;
  }
  show("headphones-failed");
  document.getElementById("again").addEventListener("click", () => attemptTo(async () => {
    attempt += 1;
    await go(said.task);
  }));
  document.getElementById("go-on").addEventListener("click", () => attemptTo(() => endCheck(true)));
}

async function showTrial() {
  const pair = task.sounds.length === 2;
  const names = pair ? ["A", "B"] : ["the excerpt"];
  const training = task.kind === "training";
  show("trial", {
    title: `${training ? "Practice" : "Trial"} ${task.position} of ${task.of}`,
    lead: pair ? "Play both to the end at least once." : "Play it to the end at least once.",
    ask: words().ask,
  }, [pair ? "pair" : "single"]);
  await deck.load(task.sounds);
  recallPlays();
  drawPlayers(names);
  offer("response", words().choices);
  offer("confidence", SURE);
  offer("preference", [["first", "A"], ["second", "B"], ["same", "No difference"]]);
  const keys = document.getElementById("keys");
  keys.checked = memory.get("keys") !== false;
  keys.addEventListener("change", () => memory.set("keys", keys.checked));
  onSubmit("answer", () => attemptTo(async () => {
    const missing = unheard(names);
    document.getElementById("hint").textContent = missing.length ? `Please play ${missing.join(" and ")} to the end first.` : "";
    if (missing.length) {
      tell(`Please play ${missing.join(" and ")} to the end first.`);
      main.querySelectorAll(".play")[names.indexOf(missing[0])].focus();
      return;
    }
    memory.set("pending", {
      trial: task.trial,
      response: chosen("response"),
      confidence: Number(chosen("confidence")),
      preference: pair ? chosen("preference") : null,
      replays: deck.plays,
      seconds: deck.seconds() + deck.before,
    });
    await sendPending();
  }));
}

// An answer stays in the browser until the server has it on its disk.
async function sendPending() {
  const pending = memory.get("pending");
  let said;
  try {
    said = await ask("/api/answer", pending);
  } catch (error) {
    if (error instanceof Refused && error.status < 500) {
      memory.drop("pending");
      if (error.problem === "unknown") throw error;
      tell(error.message);
      await go((await askTask()));
      return;
    }
    throw error;
  }
  memory.drop("pending");
  memory.drop("plays");
  tell("Saved.");
  if (said.truth) showTruth(pending, said);
  else await go(said.task);
}

function showTruth(pending, said) {
  const right = said.truth === pending.response;
  const name = { first: "A", second: "B" }[said.truth];
  const single = said.truth === "person" ? `This was by ${words().whose}.` : `This was not by ${words().whose}.`;
  show("told", {
    title: right ? "That was right" : "That was not it",
    truth: name ? `${name} was by ${words().whose}.` : single,
  });
  document.getElementById("on").addEventListener("click", () => attemptTo(() => go(said.task)));
}

function showBackground() {
  show("background");
  tell("");
  offer("expertise", [
    ["listener", "No, I listen"],
    ["maker", "Yes, for myself"],
    ["professional", "Yes, I release, perform or teach it"],
  ]);
  offer("techno", [["never", "Never"], ["sometimes", "Sometimes"], ["often", "Often"]]);
  offer("machine", [["yes", "Yes"], ["no", "No"]]);
  const text = document.getElementById("gave-away");
  text.value = memory.get("text") || "";
  text.addEventListener("input", () => memory.set("text", text.value));
  onSubmit("finish", () => attemptTo(async () => {
    const said = await ask("/api/finish", {
      expertise: chosen("expertise"),
      techno: chosen("techno"),
      machine: chosen("machine"),
      gave_away: text.value,
    });
    memory.drop("text");
    await go(said.task);
  }));
}

function showDone() {
  show("done");
  tell("");
  document.getElementById("code").textContent = task.code;
  document.getElementById("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(task.code);
      tell("Copied.");
    } catch {
      tell("This browser does not copy; please write the code down.");
    }
  });
}

function showTrouble(message, again) {
  show("trouble", { message });
  document.getElementById("retry").addEventListener("click", again);
}

// Does something that may fail; if it does, says so and offers to do it again.
async function attemptTo(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refused && error.problem === "unknown") {
      memory.drop("session");
      memory.drop("pending");
    }
    showTrouble(error.message, start);
  }
}

async function askTask() {
  return ask(`/api/task?attempt=${attempt}`);
}

async function go(next) {
  task = next;
  replies = [];
  drawProgress();
  if (task.step === "headphones") await showHeadphones();
  else if (task.step === "trial") await showTrial();
  else if (task.step === "background") showBackground();
  else showDone();
}

function start() {
  return attemptTo(async () => {
    test = await ask("/api/test");
    session = memory.get("session") || "";
    if (!session) showWelcome();
    else if (memory.get("pending")) await sendPending();
    else await go(await askTask());
  });
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest && event.target.closest("textarea, input[type=text]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const keys = document.getElementById("keys");
  if (!keys || !keys.checked) return;
  const index = { a: 0, b: 1 }[event.key.toLowerCase()];
  if (index !== undefined && index < deck.buffers.length) deck.toggle(index);
  else if (event.key.toLowerCase() === "s") deck.stop();
});

start();
