"use strict";
/** The rules of the page, which change nothing on it: what looks like a token, which scopes a string names, what they allow. */
function rulesOf(data) {
  const scopes = new Map(data.scopes.map((scope) => [scope.name, scope]));
  const presets = new Map(data.presets.map((preset) => [preset.name, preset]));
  const WELL_FORMED = /^[a-z][a-z0-9_]*(:[a-z0-9_]+)+$/;
  const LONGEST = 40;

  /** Whether a string has something in it that looks like a token or another secret. */
  function looksLikeToken(text) {
    if (/(^|[^a-z0-9])(sk|srt|pk|rk|whsec)_[a-z0-9]/i.test(text)) return true;
    if (/eyJ[\w-]{4,}/.test(text) || /\bbearer\s/i.test(text) || /-----BEGIN/.test(text)) return true;
    return text.split(/[\s,|"'`[\](){}/?=&]+/).some((word) => word.length > LONGEST || (word.length > 24 && !word.includes(":")));
  }

  // --- Reading scopes

  /** How many characters differ, where two that are swapped count as one. */
  function distance(a, b) {
    const table = Array.from({ length: a.length + 1 }, (_, i) => [i]);
    for (let j = 0; j <= b.length; j++) table[0][j] = j;
    for (let i = 1; i <= a.length; i++) {
      for (let j = 1; j <= b.length; j++) {
        const cost = a[i - 1] === b[j - 1] ? 0 : 1;
        table[i][j] = Math.min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + cost);
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
          table[i][j] = Math.min(table[i][j], table[i - 2][j - 2] + 1);
        }
      }
    }
    return table[a.length][b.length];
  }

  /** The scope or preset that a name may mean. */
  function nearest(name) {
    const spellings = new Map();
    for (const scope of scopes.keys()) spellings.set(scope, scope).set(scope.replaceAll(":", "_"), scope);
    for (const preset of presets.keys()) spellings.set(preset.toLowerCase(), preset);
    const wanted = name.toLowerCase();
    const limit = wanted.includes(":") ? 1 : 2;
    let best = null;
    let least = limit + 1;
    for (const [spelling, meant] of spellings) {
      const far = distance(wanted, spelling);
      if (far < least) [best, least] = [meant, far];
    }
    return best;
  }

  /** The names in a string. Throws if it begins as a JSON list and is not one. */
  function split(text) {
    if (!text.trimStart().startsWith("[")) return text.split(/[\s,|]+/).filter(Boolean);
    let names;
    try {
      names = JSON.parse(text);
    } catch {
      throw new Error("This begins as a JSON list but is not one.");
    }
    if (names.some((name) => typeof name !== "string")) throw new Error("The JSON list has something in it that is not a string.");
    return names;
  }

  /** The scopes that a string names, and what in it is not understood: each a name and what it may mean. */
  function read(text) {
    const held = new Set();
    const unread = [];
    for (const name of split(text)) {
      const preset = presets.get(name.toUpperCase().replace(/^PRESETS\./, ""));
      if (preset) preset.scopes.forEach((scope) => held.add(scope));
      else if (scopes.has(name)) held.add(name);
      else {
        const near = nearest(name);
        if (!near && WELL_FORMED.test(name)) held.add(name);
        else unread.push([name, near]);
      }
    }
    return { held, unread };
  }

  /** The scopes in the vendor's order; those that this version does not know are last. */
  function ordered(held) {
    return [...[...scopes.keys()].filter((name) => held.has(name)), ...[...held].filter((name) => !scopes.has(name)).sort()];
  }

  // --- What a token may do

  const within = (some, held) => some.every((name) => held.has(name));

  /** The kinds of token that may hold all of these scopes. */
  function kindsOf(names) {
    return ["API", "App"].filter((kind) => names.every((name) => {
      const scope = scopes.get(name);
      return scope ? scope.contexts.includes(kind) : kind === "App" || !name.startsWith("platform:");
    }));
  }

  /** The preset with the fewest scopes that has all of these; one that only one kind of token may hold comes last. */
  function smallest(names) {
    const rank = (preset) => (preset.contexts.length === 1 ? 1000 : 0) + preset.scopes.length;
    return data.presets.filter((preset) => names.every((name) => preset.scopes.includes(name)))
      .sort((a, b) => rank(a) - rank(b))[0] ?? null;
  }

  /** Of several alternatives, the one that lacks least, and what it lacks. */
  function least(anyOf, held) {
    const choices = anyOf.map((needed) => ({ needed, missing: needed.filter((name) => !held.has(name)) }));
    const key = (choice) => choice.missing.join(" ");
    choices.sort((a, b) => a.missing.length - b.missing.length || (key(a) < key(b) ? -1 : 1));
    return choices[0];
  }

  /** Judge an operation for a token with these scopes. */
  function judge(operation, held, kind) {
    if (operation.anonymous) return { verdict: "open" };
    if (kind && !operation.contexts.includes(kind)) return { verdict: "refused", otherKind: operation.contexts[0], missing: [] };
    const { needed, missing } = least(operation.any_of, held);
    if (!missing.length) return { verdict: "allowed", missing };
    return { verdict: "refused", missing, preset: smallest([...held, ...needed]) ?? smallest(needed) };
  }

  /** The shortest Python expression for these scopes: presets, constants, and ScopeSet(...) for unknown names. */
  function expression(held) {
    const inside = data.presets.filter((preset) => within(preset.scopes, held));
    const rest = (some) => [...held].filter((name) => !some.some((preset) => preset.scopes.includes(name)));
    let best = [];
    let cost = held.size;
    const combine = (size, from, some) => {
      if (some.length === size) {
        const length = size + rest(some).length;
        if (length < cost) [best, cost] = [some, length];
        return;
      }
      for (let i = from; i < inside.length; i++) combine(size, i + 1, [...some, inside[i]]);
    };
    for (let size = 1; size <= inside.length; size++) combine(size, 0, []);
    const names = rest(best).sort();
    const others = names.filter((name) => !scopes.has(name)).map((name) => `"${name}"`);
    return [
      ...best.map((preset) => `presets.${preset.name}`),
      ...names.filter((name) => scopes.has(name)).map((name) => name.toUpperCase().replaceAll(":", "_")),
      ...(others.length ? [`ScopeSet(${others.join(", ")})`] : []),
    ].join(" | ");
  }

  return { scopes, presets, expression, judge, kindsOf, looksLikeToken, ordered, read, smallest, within };
}

