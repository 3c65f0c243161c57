// Package report saves the results of a search: its triggers, its report, and pictures of both.
//
//   - triggers: a [Store] is a folder of them, by default testdata/triggers. Commit it: it is to two models what
//     testdata/fuzz is to a parser
//   - reports: [SaveReport] and [LoadReport]; [Summary] in words, [StatsOf] in numbers, [Sheet] and [Card] in pictures, [ResultOf]
//     for other programs, as the command triggerfinder search writes it, [LoadShard] for that of a shard
//   - how a trigger is shown, by the kind of its input: a [Viewer], which [Show] makes that of a kind of one's own; [ViewOf], [PicturesOf]
//   - [SaveEvidence] and [LoadEvidence]: what the next release is compared with; see package gate
//   - [LoadWaivers]: which triggers somebody accepts, why and until when; [SaveSelector] and [LoadSelector]
//
// Files are never half written, and are checked when they are read. Waivers and evidence decide about releases, so an unknown
// field in them is an error. Files have a version. A later version of this package reads the files of earlier ones; the other way
// round the error is [ErrNewerVersion].
package report
