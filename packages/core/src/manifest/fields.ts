import { parseType, typeToString } from '@omni/arrow'
import type { Schema } from '@omni/spec'
import type { MaskReport } from '../mask/index.ts'
import type { ManifestField } from './manifest.ts'

/** The columns of a stream with what masking found and did in each, nested values included. */
export function manifestFields(schema: Schema, report: MaskReport): ManifestField[] {
  return schema.fields.map(({ name, type, nullable, sourceType }) => {
    const masks = Object.entries(report.columns)
      .filter(([path]) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`))
      .map(([, mask]) => mask)
    const classes = [...new Set(masks.flatMap(({ hits }) => Object.keys(hits)))].sort()
    const ruled = masks.find(({ by }) => by === 'rule')
    const action = ruled?.action ?? (classes.length > 0 ? masks[0]?.action : undefined)
    return {
      name,
      type: typeToString(type),
      nullable,
      ...(sourceType === undefined ? {} : { sourceType }),
      ...(classes.length === 0 ? {} : { class: classes.join(',') }),
      ...(action === undefined ? {} : { mask: action }),
    }
  })
}

/** The schema that the manifest's columns describe. */
export function schemaOfFields(fields: readonly ManifestField[]): Schema {
  return {
    fields: fields.map(({ name, type, nullable, sourceType }) => ({
      name,
      type: parseType(type),
      nullable,
      ...(sourceType === undefined ? {} : { sourceType }),
    })),
  }
}
