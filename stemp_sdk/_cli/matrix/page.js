// The page: shows what the rules say, and keeps its state in the address.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const { scopes, presets, expression, judge, kindsOf, looksLikeToken, ordered, read, smallest, within } = rulesOf(data);
  const operations = new Map(data.operations.map((operation) => [operation.name, operation]));
  const counted = data.operations.filter((operation) => operation.is_operation && !operation.anonymous);
  const rows = all("#table tbody tr[data-name]").map((element) => ({ element, operation: operations.get(element.dataset.name) }));
  const filters = ["resource", "scope", "preset", "source", "verdict"];

  /** The state. The address has it too, but for the search and for scopes that this page does not know. */
  const state = { held: new Set(), kind: "", view: "" };

  // --- Tokens: they are refused wherever text can be entered, and never kept

  const REFUSED = "This looks like a token. It was removed and not kept: enter its scopes instead. If it was a real token "
    + "and others can see this screen, revoke it.";

  /** Keeps what looks like a token out of a field: at once if it is pasted or dropped, else as soon as it is complete. */
  function guard(field, problems) {
    const refuse = (event, text) => {
      if (!looksLikeToken(text)) return;
      event.preventDefault();
      say(problems, REFUSED);
    };
    field.addEventListener("paste", (event) => refuse(event, event.clipboardData.getData("text")));
    field.addEventListener("drop", (event) => refuse(event, event.dataTransfer.getData("text")));
  }

  // --- Showing it

  function element(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  /** Shows parts, which are strings or elements, in place of what an element has; nothing changes if it has them. */
  function say(target, ...parts) {
    const made = document.createElement(target.tagName);
    made.append(...parts);
    if (made.innerHTML !== target.innerHTML) target.replaceChildren(...made.childNodes);
  }

  function showProblems(unread) {
    const lines = unread.map(([name, near]) => {
      const line = element("p", `${name} is neither a scope nor a preset.`);
      if (near) {
        line.textContent = `${name} is not known. Did you mean `;
        line.append(element("button", near, { type: "button", "data-instead": name }), "?");
      }
      return line;
    });
    say($("problems"), ...lines);
  }

  function showResult(kinds) {
    const held = state.held;
    const judged = held.size > 0 || state.kind !== "";
    $("facts").hidden = $("actions").hidden = !held.size;
    $("table").classList.toggle("judged", judged);
    $("verdict").disabled = !judged;
    if (!judged) $("verdict").value = "";
    const kind = kindInUse(kinds);
    const allowed = counted.map((operation) => judge(operation, held, kind).verdict === "allowed");
    all("#card i").forEach((dot, index) => dot.classList.toggle("on", judged && allowed[index]));
    if (!judged) return say($("allowed"), "Enter scopes, or choose a preset.");
    say($("allowed"), element("b", String(allowed.filter(Boolean).length)), ` of ${counted.length} operations that need a token are allowed`);
    const names = ordered(held);
    const preset = smallest(names);
    const misplaced = names.filter((name) => kindsOf([name]).length === 1);
    say($("fact-kinds"),
      kinds.length === 0 ? `no single token: ${misplaced.join(", ")} need tokens of different kinds`
      : state.kind && !kinds.includes(state.kind) ? `${nameOf(kinds[0])} only, because of ${misplaced.join(", ")}`
      : kinds.length === 1 ? `${nameOf(kinds[0])} only` : "API tokens and app tokens");
    say($("fact-preset"), ...(preset
      ? [element("code", preset.name), preset.scopes.length === held.size ? ", exactly these"
        : `, which also has ${ordered(new Set(preset.scopes.filter((name) => !held.has(name)))).join(", ")}`]
      : ["none has all of them"]));
    say($("expression"), `scopes=${expression(held)}`);
    const unknown = names.filter((name) => !scopes.has(name));
    $("fact-unknown-row").hidden = !unknown.length;
    say($("fact-unknown"), `${unknown.join(", ")}: no operation on this page needs it`);
  }

  const nameOf = (kind) => (kind === "API" ? "an API token" : "an app token");

  /** The kind that was chosen, else the only one that may hold the scopes. */
  function kindInUse(kinds) {
    return state.kind || (kinds.length === 1 ? kinds[0] : "");
  }

  function hint(result) {
    if (result.verdict !== "refused") return [];
    if (result.otherKind) return [`Only ${nameOf(result.otherKind)} may hold what it needs.`];
    return [
      element("button", "+ add", { type: "button", "data-add": result.missing.join(" "), "aria-label": `Add ${result.missing.join(" and ")}` }),
      " Smallest preset: ",
      result.preset ? element("b", result.preset.name) : "none",
    ];
  }

  const MARKS = { allowed: "\u2713", refused: "\u2717", open: "\u2013" };
  const WORDS = { allowed: "allowed", refused: "refused", open: "no token" };

  function mark(verdict) {
    return [element("span", `${MARKS[verdict]} `, { "aria-hidden": "true" }), element("span", WORDS[verdict], { class: "word" })];
  }

  function showRows(kinds) {
    const judged = $("table").classList.contains("judged");
    const kind = kindInUse(kinds);
    for (const { element: row, operation } of rows) {
      const result = judge(operation, state.held, kind);
      const cell = row.querySelector(".v");
      cell.tabIndex = -1;
      cell.className = `v ${judged ? result.verdict : ""}`;
      say(cell, ...(judged ? mark(result.verdict) : []));
      say(row.querySelector(".hint"), ...(judged ? hint(result) : []));
      const alternatives = operation.any_of.length > 1;
      for (const chip of all("[data-scope]", row)) {
        const isHeld = state.held.has(chip.dataset.scope);
        chip.classList.toggle("held", judged && isHeld);
        // Of several alternatives, what is not held is missing only if none of them is complete.
        const spare = (alternatives || chip.classList.contains("some")) && !chip.closest(".case") && result.verdict === "allowed";
        const isMissing = judged && !isHeld && !spare;
        chip.classList.toggle("missing", isMissing);
        say(chip.querySelector(".vh:last-child"), isMissing ? ", missing" : judged && isHeld ? ", held" : "");
      }
      row.hidden = !matches(operation, judged ? result.verdict : "");
    }
    for (const group of all("#table tbody")) group.hidden = all("tr[data-name]", group).every((row) => row.hidden);
    const visible = rows.filter((row) => !row.element.hidden).length;
    say($("shown"), visible === rows.length ? `all ${rows.length} rows` : `${visible} of ${rows.length} rows`);
    $("none").hidden = visible > 0;
    $("matrix").hidden = visible === 0;
  }

  function matches(operation, verdict) {
    const wanted = Object.fromEntries(filters.map((name) => [name, $(name).value]));
    const needed = [operation.any_of, ...operation.with_arguments.map((given) => given.any_of)].flat(2);
    const text = [operation.name, operation.summary, operation.request, operation.provenance, operation.note, ...needed].join(" ").toLowerCase();
    return (!wanted.resource || operation.resource === wanted.resource)
      && (!wanted.scope || needed.includes(wanted.scope))
      && (!wanted.preset || operation.presets.includes(wanted.preset))
      && (!wanted.source || operation.provenance === wanted.source)
      && (!wanted.verdict || verdict === wanted.verdict)
      && $("search").value.toLowerCase().split(/\s+/).every((word) => text.includes(word));
  }

  function show() {
    const kinds = kindsOf([...state.held]);
    showResult(kinds);
    showRows(kinds);
    for (const button of all("[data-preset]")) {
      button.setAttribute("aria-pressed", String(within(presets.get(button.dataset.preset).scopes, state.held)));
    }
    for (const toggle of all("[data-toggle]")) {
      const isHeld = state.held.has(toggle.dataset.toggle);
      if (toggle.tagName === "BUTTON") toggle.setAttribute("aria-pressed", String(isHeld));
      else toggle.checked = isHeld;
    }
    $("matrix").classList.toggle("columns", state.view === "columns");
    $("matrix").tabIndex = state.view === "columns" ? 0 : -1;
    writeAddress();
  }

  // --- The address: names that this page knows, and nothing else, as anything may have been entered by mistake

  function writeAddress() {
    const parts = [];
    const known = ordered(state.held).filter((name) => scopes.has(name));
    if (known.length) parts.push(`scopes=${known.join(",")}`);
    if (state.kind) parts.push(`kind=${state.kind}`);
    for (const name of filters) if ($(name).value) parts.push(`${name}=${$(name).value}`);
    if (state.view) parts.push(`view=${state.view}`);
    const fragment = parts.length ? `#${parts.join("&")}` : location.pathname + location.search;
    if (location.hash !== (parts.length ? fragment : "")) history.replaceState(null, "", fragment);
  }

  function readAddress() {
    const fragment = decoded(location.hash.slice(1));
    if (["operations", "scopes", "legend", "token"].includes(fragment)) return show();  // a place on the page
    const given = new URLSearchParams(fragment);
    const refused = looksLikeToken(fragment.replace(/[=&]/g, " "));
    const text = refused ? "" : given.get("scopes") ?? "";
    state.held = new Set();
    say($("problems"));
    if (refused) say($("problems"), REFUSED);
    else hold(text);
    $("held").value = ordered(state.held).join(" ");
    state.kind = one(given.get("kind"), ["API", "App"]);
    state.view = one(given.get("view"), ["columns"]);
    for (const name of filters) {
      $(name).value = one(refused ? "" : given.get(name), [...$(name).options].map((option) => option.value));
    }
    for (const radio of all("input[type=radio]")) radio.checked = radio.value === state[radio.name];
    show();
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return "";
    }
  }

  const one = (value, allowed) => (allowed.includes(value) ? value : "");

  // --- What a person does

  /** Take the scopes that a string names. */
  function hold(text) {
    try {
      const { held, unread } = read(text);
      state.held = held;
      showProblems(unread);
    } catch (error) {
      say($("problems"), error.message);
    }
  }

  /** Change what is held from elsewhere than the field. */
  function change(names, add) {
    for (const name of names) state.held[add ? "add" : "delete"](name);
    $("held").value = ordered(state.held).join(" ");
    say($("problems"));
    show();
  }

  /** Remove what looks like a token from a field. */
  function cleaned(field, problems) {
    if (!looksLikeToken(field.value)) return false;
    field.value = "";
    say(problems, REFUSED);
    return true;
  }

  $("held").addEventListener("input", () => {
    if (cleaned($("held"), $("problems"))) state.held = new Set();
    else hold($("held").value);
    show();
  });
  $("search").addEventListener("input", () => {
    if (!cleaned($("search"), $("search-problem"))) say($("search-problem"));
    show();
  });
  guard($("held"), $("problems"));
  guard($("search"), $("search-problem"));
  for (const name of filters) $(name).addEventListener("change", show);
  for (const radio of all("input[type=radio]")) {
    radio.addEventListener("change", () => {
      state[radio.name] = radio.value;
      show();
    });
  }
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", (event) => {
    event.preventDefault();
    for (const name of ["search", ...filters]) $(name).value = "";
    say($("search-problem"));
    show();
  });
  $("reset-too").addEventListener("click", () => {
    $("reset").click();
    $("search").focus();
  });
  $("clear").addEventListener("click", () => {
    change([...state.held], false);
    $("held").focus();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button, input[data-toggle]");
    if (!button) return;
    const { preset, toggle, add, instead, show: shown } = button.dataset;
    if (preset) change(presets.get(preset).scopes, button.getAttribute("aria-pressed") !== "true");
    else if (toggle) change([toggle], !state.held.has(toggle));
    else if (add) {
      const cell = button.closest("tr").querySelector(".v");
      change(add.split(" "), true);
      (cell.parentElement.hidden ? $("operations") : cell).focus({ preventScroll: true });  // the button is gone
    } else if (instead) {
      $("held").value = $("held").value.split(instead).join(button.textContent);
      $("held").dispatchEvent(new Event("input"));
      $("held").focus();
    } else if (shown) {
      $("reset").click();
      $("scope").value = shown;
      show();
      $("operations").focus();
      $("operations").scrollIntoView();
    }
  });

  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
      say($("copied"), `${what} copied.`);
    } catch {
      say($("copied"), "The browser does not allow it: select and copy it yourself.");
    }
  }
  $("copy").addEventListener("click", () => copy($("expression").textContent, "Expression"));
  $("share").addEventListener("click", () => copy(location.href, "Link"));

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      $("search").focus();
      $("search").select();
    }
  });
  addEventListener("hashchange", readAddress);

  document.body.classList.add("ready");
  if (!location.hash && data.granted) change(data.granted, true);
  else readAddress();
})();
