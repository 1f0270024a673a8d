// Loads Pyodide and the package, and runs programs. A worker, so that the page stays usable and can end a program.
let run;

async function load(pyodideURL, harnessURL) {
  const { loadPyodide } = await import(new URL("pyodide.mjs", pyodideURL));
  const pyodide = await loadPyodide({ indexURL: String(pyodideURL) });
  const [packages, harness] = await Promise.all([
    fetched(new URL("packages.zip", pyodideURL)).then((response) => response.arrayBuffer()),
    fetched(harnessURL).then((response) => response.text()),
  ]);
  pyodide.unpackArchive(packages, "zip", { extractDir: "/packages" });
  pyodide.runPython("import sys; sys.path.insert(0, '/packages'); sys.dont_write_bytecode = True");
  pyodide.runPython(harness);
  run = pyodide.globals.get("run");
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} responds with ${response.status}`);
  return response;
}

onmessage = async ({ data }) => {
  try {
    if (data.pyodide) {
      await load(data.pyodide, data.harness);
      postMessage({ ready: true });
    } else {
      postMessage({ result: JSON.parse(run(data.code, data.scopes)) });
    }
  } catch (error) {
    postMessage({ broken: String(error) });
  }
};
