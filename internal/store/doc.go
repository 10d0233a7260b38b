// Package store keeps what this machine wants and has seen: the [portolan.State],
// the contents of environment files by git blob SHA, and the revisions of each
// source.
//
// Everything is in one bbolt file, portolan.db, in the home directory. All of it
// changes through [Store.Update], in order and all or nothing. The State is
// small and kept parsed in memory; [Store.State] never touches the disk.
//
// # Damage
//
// Bbolt trusts its pages: a flipped bit may read back as other data, make it
// panic, or send it round in circles. So nothing is taken on trust:
//
//   - Opening first reads the file's structure with plain reads (checkPages):
//     each page reached once, each element within its page, keys in order, free
//     pages really free. Bbolt gets to see the file only after that.
//   - Every value carries a CRC-32C over key and content; a blob is checked by
//     its git SHA. Opening reads every value and compares the sum of all, and
//     Blob and Revisions check again. The document counts its revisions, so that a lost one is missed.
//   - Whatever bbolt still makes of a disk that fails under it (a panic, a fault
//     in the mapped file) is caught and becomes an error; see guard.
//
// A moment after a change the State is also written to state.json, its predecessor
// kept as state.json.bak. A damaged database is set aside, never deleted, and a
// new one is made of the newest State that any of the three files still holds
// whole, and of all blobs and revisions that prove themselves by their sums.
// What was found and done is in [Store.Recovered].
//
// # Order of writes
//
// An update commits the database, and has succeeded. A full disk fails it before
// anything has changed, and a process killed at any point leaves a database that
// is either old or new. State.json follows within 100 ms, and at the latest when
// the store is closed: so nobody waits for it, and changes in a row write it once.
// The database is the truth; opening makes state.json follow it, where there is
// room. Only a state.json that is newer than the database, which no order of writes
// leaves behind, says that the database has lost its last page, and wins.
package store
