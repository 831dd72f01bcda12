import type { DataType } from '@omni/spec'
import { type BytesBuilder, VarBuilder } from './build-bytes.ts'
import { FixedBuilder } from './build-fixed.ts'
import { ListBuilder, MapBuilder, StructBuilder } from './build-nested.ts'
import { BoolBuilder, type BuilderMode, type ColumnBuilder, NullBuilder } from './builder.ts'
import { textOfValue } from './json-text.ts'
import { sameKindTest } from './value-kind.ts'

/** A builder for one column of a type; `capacity` is the number of values to make room for at first. */
export function createColumnBuilder(
  type: { readonly kind: 'utf8' | 'binary' },
  capacity?: number,
): BytesBuilder
export function createColumnBuilder(type: DataType, capacity?: number): ColumnBuilder
export function createColumnBuilder(type: DataType, capacity = 1024): ColumnBuilder {
  return builderFor(type, capacity, 'declared')
}

/** {@link createColumnBuilder} with a say in what is converted. */
export function builderFor(type: DataType, capacity: number, mode: BuilderMode): ColumnBuilder {
  const accepts = mode === 'inferred' ? sameKindTest(type) : null
  switch (type.kind) {
    case 'null':
      return new NullBuilder(type, capacity, accepts)
    case 'bool':
      return new BoolBuilder(type, capacity, accepts)
    case 'utf8':
      return new VarBuilder(type, capacity, mode === 'inferred' ? textOfValue : null)
    case 'binary':
      return new VarBuilder(type, capacity, null)
    case 'list':
      return new ListBuilder(type, capacity, accepts, builderFor(type.item.type, capacity, mode))
    case 'map':
      return new MapBuilder(
        type,
        capacity,
        builderFor(type.key.type, capacity, mode),
        builderFor(type.value.type, capacity, mode),
      )
    case 'struct':
      return new StructBuilder(
        type,
        capacity,
        accepts,
        type.fields.map((field) => builderFor(field.type, capacity, mode)),
      )
    default:
      return new FixedBuilder(type, capacity, accepts)
  }
}
