// Package report keeps what a search leaves behind: its triggers, its report, and pictures of both
// that a person understands at first sight.
//
//   - triggers: a [Store] is a folder of them, testdata/triggers unless told otherwise. Commit it: it is to two models what
//     testdata/fuzz is to a parser
//   - reports: [SaveReport] and [LoadReport]; [Summary] in words, [StatsOf] in numbers, [Sheet] and [Card] in pictures, [ResultOf]
//     for other programs, as the command triggerfinder search writes it, [LoadShard] for that of a shard
//   - how a trigger is shown, by the kind of its input: a [Viewer], which [Show] makes that of a kind of one's own; [ViewOf], [PicturesOf]
//   - [SaveEvidence] and [LoadEvidence]: what the next release is compared with; see package gate
//   - [LoadWaivers]: which triggers somebody accepts, why and until when; [SaveSelector] and [LoadSelector]
//
// Nothing is ever seen half written, and what is read is checked: waivers and evidence decide about releases, so an unknown
// field is an error. The files are versioned. A later version of this package reads what an earlier one wrote; the other way
// round the error is [ErrNewerVersion].
package report
