package main

import (
	"github.com/triggerfinder/triggerfinder/internal/commandline"
)

// theProgram is the command with its commands, in the order in which they are listed.
func theProgram(c console) *commandline.Program {
	p := &commandline.Program{
		Name: "triggerfinder", About: "triggerfinder finds inputs on which a compressed neural network deviates from its original.",
		Footer: "Exit code: 0 no deviation, 1 a deviation, 2 an error.", Version: versionLine(), Out: c.out,
	}
	with := func(flags *commandline.Flags, run func([]string, console) (int, error)) (*commandline.Flags, func([]string) (int, error)) {
		return flags, func(args []string) (int, error) { return run(args, c) }
	}
	p.Commands = []*commandline.Command{
		{Name: "search", Usage: "--original MODEL --compressed MODEL --seeds PATH [flags]", Prepare: func(c *commandline.Command) { f := defineSearch(); c.Flags, c.Run = with(f.Flags, f.run) },
			About: `Searches around seeds for inputs to which the two models give different labels.
Exit code: 0 nothing found, 1 a deviation found, 2 an error.`},
		{Name: "replay", Usage: "DIR [flags]", Prepare: func(c *commandline.Command) { f := defineReplay(); c.Flags, c.Run = with(f.Flags, f.run) }, Folders: true,
			About: `Runs saved triggers again and prints of each whether it still deviates. DIR is the folder of a trigger, of
a pair's triggers or of all pairs. Triggers outside the bound, and those that were none by this oracle when
they were saved, are counted apart.
Exit code: 0 all judged ones are healed or waived, 1 a trigger still deviates, 2 an error, or none was judged.`},
		{Name: "minimize", Usage: "DIR [flags]", Prepare: func(c *commandline.Command) { f := defineMinimize(); c.Flags, c.Run = with(f.Flags, f.run) }, Folders: true,
			About: `Makes saved triggers smaller: as few changed values, and as near to the seed, as the deviation allows. DIR is
the folder of a trigger or of a pair's triggers. Each smaller one is saved as a new trigger beside the old
one; none is changed or removed. Those that were minimised before are left alone, unless DIR is one of them.
Exit code: 0 done, 2 an error.`},
		{Name: "layers", Usage: "--triggers DIR [flags]", Prepare: func(c *commandline.Command) { f := defineLayers(); c.Flags, c.Run = with(f.Flags, f.run) },
			About: `Finds which quantised nodes are to blame for saved triggers: the smallest list of nodes that heals them
when they compute in float again, to be left out when the model is quantised (nodes_to_exclude). It takes
models that onnxruntime quantised, in the forms QDQ, QOperator and dynamic, and those of TensorFlow Lite that
tf2onnx converted. Before that it runs the triggers with graph optimisation off, and without saturation where
8-bit products saturate: what vanishes then is no layer's fault.
Exit code: 0 a list was found, 1 there is none, as the triggers deviate with all nodes in float too or
all vanish under another setting of the runtime, 2 an error.`},
		{Name: "merge", Usage: "FILE… [flags]", Prepare: func(c *commandline.Command) { f := defineMerge(); c.Flags, c.Run = with(f.Flags, f.run) }, Files: []string{"json"},
			About: `Puts the results of all shards of a search together, in any order, which the command search wrote: see
its flags for shards and JSON. The result is that of the same search in one piece.
Exit code: 0 nothing found, 1 a deviation found, 2 an error, such as a shard that is missing.`},
		{Name: "export", Usage: "DIR --out FILE [flags]", Prepare: func(c *commandline.Command) { f := defineExport(); c.Flags, c.Run = with(f.Flags, f.run) }, Folders: true,
			About: `Writes saved triggers as one data set for training and calibration: an NPZ file, which NumPy reads. DIR is the
folder of a pair's triggers, or of one. The arrays are inputs and seeds (as the models got them, before their
preprocessing: raw units, N first), original_outputs and compressed_outputs, original_labels,
compressed_labels, true_labels (-1: not known) and seed_index.
Exit code: 0 written, 2 an error.`},
	}
	p.Commands = append(p.Commands, p.Completion(), p.Manual())
	return p
}
