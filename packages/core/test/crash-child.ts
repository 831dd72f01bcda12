// Collects once and ends itself by SIGKILL at step number argv[4], counted over all steps; 0 means never. Prints
// `go` when it begins and the steps it went through when it is done.
import { OmniCollector } from '../src/omni-collector.ts'
import { STEPS, type StepName } from '../src/steps.ts'
import { collectorOf, type WorldName } from './sources.ts'

const [root = '', name = '', killAt = '0', chunkRows = '100'] = process.argv.slice(2)
const steps: StepName[] = []
const oc = new OmniCollector({
  root,
  [STEPS]: (step) => {
    steps.push(step)
    if (steps.length === Number(killAt)) process.kill(process.pid, 'SIGKILL')
  },
})
process.stdout.write('go\n')
await oc.collect(collectorOf(name as WorldName, `${root}/world`, Number(chunkRows)))
process.stdout.write(`${JSON.stringify(steps)}\n`)
