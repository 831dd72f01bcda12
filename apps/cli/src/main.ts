import { readFileSync } from 'node:fs'

// The program. What `--version` needs is here; all else is imported when it is needed, so that a tiny
// collect starts fast.

const argv = process.argv.slice(2)
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  process.stdout.write(`${manifest.version}\n`)
} else {
  const { runProcess } = await import('./process.ts')
  await runProcess(argv)
}
