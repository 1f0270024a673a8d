// The page of the playground: the program, the scopes of its token, and the result.
const find = (id) => document.getElementById(id);
const page = find("playground-page");
const EXAMPLES = JSON.parse(find("playground-examples").textContent);

let worker;
let busy = "";
let waiting = false; // whether the program runs as soon as Python is loaded

// Python is loaded at the first press of Run, and not for a reader who only looks.
function start() {
  busy = "loading";
  show();
  worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
  worker.onerror = (event) => fail(event.message || "the worker cannot be loaded");
  worker.onmessage = ({ data }) => {
    if (data.broken) return fail(data.broken);
    busy = "";
    show();
    if (data.result) report(data.result);
    if (data.ready && waiting) run();
  };
  worker.postMessage({
    // A folder of this site, unless the page names another.
    pyodide: String(new URL(page.dataset.pyodide, document.baseURI)),
    harness: String(new URL("run.py", import.meta.url)),
  });
}

function show() {
  page.dataset.state = busy || "ready";
  find("playground-run").textContent = busy === "running" ? "Stop" : "Run";
  find("playground-run").disabled = busy === "loading";
  find("playground-state").textContent =
    { loading: "Loading Python. It is 14 MB, and then stays in the browser's cache.", running: "Running" }[busy] ?? "";
}

function fail(reason) {
  busy = "loading";
  waiting = false;
  show();
  page.dataset.state = "failed";
  find("playground-state").textContent = `Python could not be loaded: ${reason}`;
}

function report({ printed, error, requests }) {
  find("playground-printed").textContent = printed;
  const box = find("playground-error");
  box.hidden = !error;
  box.replaceChildren();
  if (error) {
    const name = document.createElement("strong");
    name.textContent = error.type;
    const where = error.line ? ` in line ${error.line}` : "";
    box.append(name, `${where}: ${error.message}`);
  }
  const rows = requests.map(({ method, path, operation, status }) => {
    const row = document.createElement("tr");
    for (const text of [operation ?? "", `${method} ${path}`, String(status ?? "lost")]) {
      row.insertCell().textContent = text;
    }
    return row;
  });
  find("playground-requests").replaceChildren(...rows);
  find("playground-count").textContent =
    requests.length === 0 ? "No request reached the sandbox." : `${requests.length} requests reached the sandbox.`;
  page.dataset.runs = String(Number(page.dataset.runs ?? 0) + 1);
}

function run() {
  waiting = false;
  busy = "running";
  show();
  const scopes = [...page.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value).join(" ");
  worker.postMessage({ code: find("playground-code").value, scopes });
}

find("playground-run").addEventListener("click", () => {
  if (busy === "running") {
    worker.terminate();
    start();
  } else if (worker) {
    run();
  } else {
    waiting = true;
    start();
  }
});

find("playground-example").addEventListener("change", ({ target }) => {
  find("playground-code").value = EXAMPLES[target.value];
});

find("playground-code").value = EXAMPLES.till;
show();
