// Runs pytest in Pyodide: node run.mjs SITE_PACKAGES PROJECT [PYTEST ARGUMENTS…]
import { createRequire } from "node:module";
import { join } from "node:path";

const [site, project, ...args] = process.argv.slice(2);
const { loadPyodide } = createRequire(join(site, "..", "package.json"))("pyodide");

const pyodide = await loadPyodide();
for (const [mount, folder] of [["/site", site], ["/project", project]]) {
  pyodide.FS.mkdirTree(mount);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: folder }, mount);
}
pyodide.globals.set("arguments", pyodide.toPy(args));
process.exitCode = pyodide.runPython(`
import os, sys
sys.path[:0] = ["/project", "/site"]
sys.dont_write_bytecode = True
os.chdir("/project")
print(f"Python {sys.version.split()[0]} on {sys.platform}")
import pytest
int(pytest.main(arguments))
`);
