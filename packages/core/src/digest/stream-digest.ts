import { type Batch, fault, type Schema } from '@omni/spec'
import { createArena } from './arena.ts'
import { writeBlock } from './canonical.ts'
import { createMerkleTree, hashLeaf } from './merkle.ts'
import { schemaBytes, text } from './tags.ts'

/** The digest `omni-sha256/1` of one stream, as in docs/spec/digest.md; independent of any encoding. */
export interface StreamDigest {
  /** Adds the next block; the block is not kept. One without rows is no block. */
  add(block: Batch): void
  /** Root over the schema and the blocks so far, 32 bytes. */
  root(): Uint8Array
  /** Blocks added so far. */
  readonly blocks: number
}

/** Begins the digest of a stream with its schema, which is leaf 0; block i is leaf i + 1. */
export function createStreamDigest(schema: Schema): StreamDigest {
  const arena = createArena()
  const tree = createMerkleTree()
  tree.push(hashLeaf((sink) => sink(schemaBytes(schema))))
  let blocks = 0
  return {
    add(block) {
      if (block.columns.length !== schema.fields.length) {
        throw fault({
          kind: 'bug',
          code: 'digest.columns',
          why: `A block has ${block.columns.length} columns where the schema has ${schema.fields.length}.`,
          fix: 'Report this.',
        })
      }
      if (block.rows === 0) return
      tree.push(hashLeaf((sink) => writeBlock(block, sink, arena)))
      blocks++
    },
    root: () => tree.root(),
    get blocks() {
      return blocks
    },
  }
}

/** Digest of a snapshot: the root of its only stream, or the root over names and roots, in the given order. */
export function combineDigests(
  streams: readonly { readonly name: string; readonly root: Uint8Array }[],
): Uint8Array {
  const [only] = streams
  if (streams.length === 1 && only) return Uint8Array.from(only.root)
  const tree = createMerkleTree()
  for (const { name, root } of streams) {
    tree.push(
      hashLeaf((sink) => {
        for (const bytes of text(name)) sink(bytes)
        sink(root)
      }),
    )
  }
  return tree.root()
}
