// Package beam searches whole data sets for triggers on Apache Beam, which schedules the work, on one machine or on many, and does it again
// where a machine fails.
//
// What is searched is a [Plan]: a pair, settings and a [Source] of seeds. Workers are processes of the same program that started the
// job, and make the plan themselves, once each; so it is registered by name:
//
//	func init() {
//		beam.Register("clothes", func(ctx context.Context, arguments json.RawMessage) (*beam.Plan, error) { … })
//	}
//
//	report, err := beam.Run(ctx, beam.Job{Plan: "clothes", Folder: "gs://bucket/release-17"})
//
// The report is that of [engine.Search] with the same pair, seeds and settings, to the last byte of [engine.Report.Canonical],
// however the work was divided and whatever was done twice. A job that failed or was cancelled goes on where it was when it is run again with the
// same folder.
//
// Pipelines of one's own take [Search], whose results are a collection with an [Outcome] a seed, and [Combine], which makes the report of them.
//
// In one's own program flag.Parse and the Init of Apache's package beam have to be called before [Run], as in every program of Beam's.
package beam
