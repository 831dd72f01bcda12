#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(`error  omni-collect needs Node 22.22 or newer; this is ${process.versions.node}.\n`)
  process.exitCode = 2
} else {
  const { enableCompileCache } = await import('node:module')
  // Saves about a third of the start of a tiny collect. NODE_DISABLE_COMPILE_CACHE=1 turns it off.
  enableCompileCache()
  await import('../dist/main.js')
}
