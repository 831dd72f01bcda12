import { refuseName } from './member.ts'

/** Members whose names are made fit for a person: no leading `./`, and each name once. */
export interface NameBook {
  /**
   * The name to use, or why the archive's own is refused; of equal names the second is `a (2).csv`, and so on. Names of
   * folders and links are looked at too, and not taken: what leads out of an archive is no archive to trust.
   */
  take(name: string, isFile: boolean): string | { readonly refused: string }
}

/** Archives may hold one name twice (tar, when it is appended to); both are read, so that nothing is lost. */
export function createNameBook(): NameBook {
  const taken = new Map<string, number>()
  return {
    take(given, isFile) {
      const refused = refuseName(given)
      if (refused !== undefined) return { refused }
      if (!isFile) return given
      const plain = given.replace(/^(?:\.\/+)+/, '')
      let count = taken.get(plain) ?? 0
      let name = plain
      do {
        count++
        if (count > 1) name = numbered(plain, count)
      } while (count > 1 && taken.has(name))
      taken.set(plain, count)
      if (name !== plain) taken.set(name, 1)
      return name
    },
  }
}

/** The number goes before the first dot of the file's name, so that all suffixes stay what they are. */
function numbered(name: string, count: number): string {
  const folder = name.lastIndexOf('/') + 1
  const dot = name.indexOf('.', folder + 1)
  const end = dot < 0 ? name.length : dot
  return `${name.slice(0, end)} (${count})${name.slice(end)}`
}
