// Package report keeps what a search leaves behind: its triggers, its report, and pictures of both
// that a person understands at first sight.
//
// # Triggers
//
// A [Store] is a folder of triggers, testdata/triggers unless told otherwise, with a folder for each
// pair of models and in it a folder for each trigger:
//
//	testdata/triggers/lenet5-int8/9f86d081884c7d65/
//	    trigger.json   what deviated, how it was found, how to replay it
//	    trigger.npy    the exact input
//	    seed.npy       the exact input that the search started from
//	    trigger.png, seed.png, diff.png   for images of 1 or 3 channels
//
// The usual pattern is to save each trigger as it is found and to replay all of them next time:
//
//	store, err := report.OpenStore("")
//	dir, err := store.Save(trigger, report.ContextOf(r))
//	saved, err := store.List("lenet5-int8")
//
// Commit the folder: it is to two models what testdata/fuzz is to a parser. The trigger's folder is
// named after the content of the trigger alone, see [input.Input.ID]. The seed has no part in it:
// replaying needs the trigger only, so the same input reached from a second seed adds nothing.
//
// # Reports
//
// [SaveReport] writes search-report.json and, for images, triggers.png: a contact sheet with a row a trigger.
// [LoadReport] reads the former. [Sheet] and [Card] draw many triggers or a single one,
// [Summary] describes a report in words and [StatsOf] in numbers. [ResultOf] is the report for other programs, as
// the command triggerfinder search writes it; [LoadShard] reads that of a shard.
//
// # Evidence and waivers
//
// [SaveEvidence] and [LoadEvidence] keep what the next release is compared with; see package gate. [LoadWaivers] reads
// which triggers somebody accepts, why and until when. People write waiver files, and evidence decides about
// releases, so both are read strictly: an unknown field is an error.
//
// # What can be relied on
//
// Nothing is ever seen half written: folders and files appear under their final name only when they
// are complete, whether or not the process is killed and however many processes save at once. What
// it was working on stays behind under a name that begins with ".tmp-", is ignored by everything here,
// and is removed by a later Save when it is older than an hour. No trigger is ever removed or changed.
//
// What is read is checked: a trigger whose data do not have the recorded shape, domain and hash is
// an error that names the file. [Store.List] returns the good triggers beside a [MalformedError] about
// the others.
//
// The files are versioned. A later version of this package reads what an earlier one wrote; the
// other way round the error is [ErrNewerVersion].
package report
