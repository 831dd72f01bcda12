import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createFinder } from '../../src/mask/find.ts'
import { KIND_NAMES } from '../../src/mask/kinds.ts'
import { createKeyCache } from '../../src/mask/names.ts'
import { createPlainSweep } from '../../src/mask/sweep.ts'

// Labelled spans in free text: precision and recall by overlap, and characters of labelled spans that stay.

interface Sample {
  readonly full_text: string
  readonly spans: readonly {
    entity_type: string
    start_position: number
    end_position: number
    entity_value: string
  }[]
}

const corpora =
  process.env['OMNI_CORPORA'] ?? fileURLToPath(new URL('../../../../../shared/corpora', import.meta.url))
const CLASSES = { EMAIL_ADDRESS: 'email', PHONE_NUMBER: 'phone' } as const

interface Score {
  labelled: number
  found: number
  hit: number
  right: number
  leaked: number
  characters: number
  missed: string[]
  wrong: string[]
}

function score(samples: readonly Sample[], label: keyof typeof CLASSES): Score {
  const finder = createFinder(createPlainSweep(), createKeyCache())
  const total: Score = {
    labelled: 0,
    found: 0,
    hit: 0,
    right: 0,
    leaked: 0,
    characters: 0,
    missed: [],
    wrong: [],
  }
  for (const { full_text: text, spans } of samples) {
    const bytes = Buffer.from(text)
    const edits = finder.find(bytes, Int32Array.of(0, bytes.length), 1, { binary: false, hint: 'none' })
    const found: { start: number; end: number; kind: string }[] = []
    for (let k = 0; k < edits.count; k++) {
      const start = bytes.subarray(0, edits.start[k]).toString().length
      const end = bytes.subarray(0, edits.end[k]).toString().length
      found.push({ start, end, kind: KIND_NAMES[edits.code[k]! >> 2]! })
    }
    const wanted = spans.filter((span) => span.entity_type === label)
    for (const span of wanted) {
      total.labelled++
      let covered = 0
      for (const f of found) {
        covered += Math.max(0, Math.min(f.end, span.end_position) - Math.max(f.start, span.start_position))
      }
      total.characters += span.end_position - span.start_position
      total.leaked += span.end_position - span.start_position - covered
      if (covered > 0) total.hit++
      else total.missed.push(text.slice(Math.max(0, span.start_position - 50), span.end_position + 10))
    }
    for (const f of found) {
      if (f.kind !== CLASSES[label]) continue
      total.found++
      const right = wanted.some((span) => f.start < span.end_position && f.end > span.start_position)
      if (right) total.right++
      else
        total.wrong.push(`${text.slice(Math.max(0, f.start - 30), f.start)}«${text.slice(f.start, f.end)}»`)
    }
  }
  return total
}

test.for([
  ['generated_small.json', 'EMAIL_ADDRESS', 1, 1],
  ['generated_small.json', 'PHONE_NUMBER', 1, 0.9],
  ['generated_large.json', 'EMAIL_ADDRESS', 1, 1],
  ['generated_large.json', 'PHONE_NUMBER', 0.9, 0.9],
] as const)('%s %s: recall at least %d, precision at least %d', ([file, label, recall, precision], ctx) => {
  const path = `${corpora}/presidio/${file}`
  if (!existsSync(path)) ctx.skip('no corpora here: set OMNI_CORPORA')
  const s = score(JSON.parse(readFileSync(path, 'utf8')) as Sample[], label)
  console.log(
    `${file} ${label}: precision ${(s.right / s.found).toFixed(3)} (${s.right}/${s.found}), recall ` +
      `${(s.hit / s.labelled).toFixed(3)} (${s.hit}/${s.labelled}), leaked characters ${s.leaked} of ${s.characters}`,
  )
  if (process.env['OMNI_MASK_VERBOSE']) console.log('missed', s.missed, 'wrong', s.wrong)
  expect(s.hit / s.labelled).toBeGreaterThanOrEqual(recall)
  expect(s.right / s.found).toBeGreaterThanOrEqual(precision)
})
