"use strict";
// Where providers send people back to, for who has no web app of their own: sends `code` and `state` on. The cookie of
// whoever began it in this browser goes with it; without that a program began, and gets both by hand.
const provider = location.pathname.split("/").pop();
const given = new URLSearchParams(location.search);
history.replaceState(null, "", location.pathname); // a code is not for the history, nor for who looks over a shoulder

const asked = {
  handle_required: ["handle", "Nobody here has this identity yet. Choose a handle to open an account:"],
  handle_taken: ["handle", "Somebody has this handle. Choose another:"],
  second_factor_required: ["totp", "The six digits of your authenticator:"],
  wrong_second_factor: ["totp", "That code is not good (any more). The next six digits:"],
};

function element(id) {
  return document.getElementById(id);
}

function say(title, words, text) {
  element("title").textContent = title;
  element("words").textContent = words;
  element("more").hidden = true;
  element("result").hidden = text === undefined;
  element("text").value = text === undefined ? "" : text;
}

function ask(field, words, body) {
  say("One more thing.", "");
  element("asked").textContent = words;
  element("answer").value = "";
  element("more").hidden = false;
  element("more").onsubmit = (event) => {
    event.preventDefault();
    send({ ...body, [field]: element("answer").value.trim() });
  };
}

function done(answer) {
  if (answer.identity) {
    const shown = answer.identity.channel_name || answer.identity.name || answer.identity.subject;
    say("Linked.", `${answer.identity.provider}: ${shown}. You can close this page.`);
    return;
  }
  const words = "These tokens open your account: whoever has them is you. Give them to nobody.";
  say("You are signed in.", words, JSON.stringify(answer, null, 2));
}

function refused(problem, body) {
  const more = asked[problem.code];
  const wrong = problem.fields || {};
  if (more) ask(more[0], more[1], body);
  else if (wrong.handle) ask("handle", `The handle ${wrong.handle}. Choose another:`, body);
  else if (problem.code === "binding_required") {
    const words =
      "A program of yours began this? Then give it this text. If somebody asks you for it, close this page: they want" +
      " to get into your account.";
    say("Not begun in this browser.", words, JSON.stringify(body));
  } else say("That did not work.", problem.detail || "Begin again.");
}

async function send(body) {
  try {
    const answer = await fetch(`/api/auth/oauth/${encodeURIComponent(provider)}/finish`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
    });
    const told = await answer.json();
    if (answer.ok) done(told);
    else refused(told, body);
  } catch {
    say("The exchange cannot be reached.", "Begin again in a moment.");
  }
}

if (given.get("code") && given.get("state")) {
  const body = { code: given.get("code"), state: given.get("state") };
  if (given.get("iss")) body.iss = given.get("iss");
  send(body);
} else say("Nothing was done.", "The provider sent no permission. You can close this page.");
