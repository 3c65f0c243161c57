package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/layers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/restore"
)

// layersFlags are the flags of the command layers.
type layersFlags struct {
	*commandline.Flags
	models *models
	oracle *oracleFlags

	triggers, json string
	share          float64
	evaluations    int
	talk           talk
}

func defineLayers() *layersFlags {
	f := &layersFlags{Flags: commandline.NewFlags("layers"), share: 1, evaluations: 500}
	f.String("triggers", "DIR", "the folder of a pair's triggers, or of one", &f.triggers).Folder()
	f.models = defineModels(f.Flags, "FILE", "the model that was quantised (default: the file of the search, as with replay)", "its quantised version (default: as above)")
	f.models.defineOptions(asInTheSearch)
	f.Section("What is wanted")
	commandline.Define(f.Flags, "share", "S", "the least share of the triggers that the list heals (default 1)", &f.share, "1", func(text string) (float64, error) {
		v, err := spelling.Number(text)
		if err != nil || v <= 0 || v > 1 {
			return 0, spelling.Expected("a number above 0 and at most 1", text)
		}
		return v, nil
	})
	f.Count("evaluations", "how many sets of nodes are tried at most (default 500)", &f.evaluations, 4)
	f.Section("What counts")
	f.oracle = defineOracle(f.Flags)
	f.Section("Results")
	f.String("json", "FILE", "write the result for programs; - is the standard output", &f.json).Files("json")
	f.talk.define(f.Flags, "tell how the models are run")
	return f
}

const (
	layersFormat  = "triggerfinder-layers"
	layersVersion = 1
)

// layersResult is what --json writes.
type layersResult struct {
	Format         string                `json:"format"`  // layersFormat
	Version        int                   `json:"version"` // layersVersion
	Pair           string                `json:"pair"`
	Models         report.SearchedModels `json:"models"`
	Versions       map[string]string     `json:"versions"`
	Nodes          []restore.Node        `json:"nodes"`
	TriggerIDs     []string              `json:"trigger_ids"`
	NodesToExclude []string              `json:"nodes_to_exclude"`
	Error          string                `json:"error,omitempty"`
	Result         *layers.Result        `json:"result"`
}

// run is the command layers.
func (f *layersFlags) run(others []string, c console) (code int, err error) {
	if len(others) > 0 {
		return exitError, f.Misuse("expected flags only, found %q", others[0])
	}
	if err := f.Require("triggers"); err != nil {
		return exitError, err
	}
	if err := f.models.readFile(); err != nil {
		return exitError, err
	}
	c = f.talk.of(c)
	if _, err := f.oracle.oracle(f.Flags); err != nil { // what is wrong with the command line comes first
		return exitError, err
	}
	if err := checkFile("json", f.json); err != nil {
		return exitError, err
	}
	saved, err := f.load()
	if err != nil {
		return exitError, err
	}
	if saved.oracle, err = f.oracle.asSaved(f.Flags, saved); err != nil {
		return exitError, err
	}
	f.models.onlyONNX = "an ONNX file for layers, whose nodes can be put back in float"
	pair, err := f.models.openAsSaved(saved, c)
	if err != nil {
		return exitError, err
	}
	defer func() { _ = pair.Close() }()
	oracle, err := saved.oracle.with(pair)
	if err != nil {
		return exitError, err
	}
	noteProcessor(saved, pair, c)
	mixed, err := restore.Open(*f.models.paths[originalSide], *f.models.paths[compressedSide])
	if err != nil {
		return exitError, err
	}

	result := layersResult{
		Format: layersFormat, Version: layersVersion, Pair: pair.Name(),
		Nodes: mixed.Nodes(), NodesToExclude: []string{},
	}
	result.Models.Original, result.Models.Compressed = pair.Describe()
	result.Versions = versions(result.Models.Original, result.Models.Compressed)
	problem := f.problem(pair, mixed)
	for _, s := range saved.saved {
		problem.Triggers = append(problem.Triggers, s.Trigger.Input)
		result.TriggerIDs = append(result.TriggerIDs, s.Trigger.ID)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	r, err := layers.Find(ctx, problem, layers.Settings{Oracle: oracle, Share: f.share, Evaluations: f.evaluations})
	if r == nil {
		return exitError, err
	}
	result.Result = r
	result.NodesToExclude = append(result.NodesToExclude, r.Exclude...)
	return f.finish(c, result, err)
}

// load reads the triggers of one pair. One that cannot be read is an error: the list is to heal all.
func (f *layersFlags) load() (corpus, error) {
	corpora, err := findCorpora(f.triggers)
	if err != nil {
		return corpus{}, fmt.Errorf("--triggers: %w", err)
	}
	c, err := onlyPair(f.Flags, "--triggers "+f.triggers, corpora)
	return c, errors.Join(append(c.broken, err)...)
}

// noteProcessor tells where the triggers come from another processor, whose 8-bit kernels may give other answers.
func noteProcessor(saved corpus, pair *model.Pair, c console) {
	_, now := pair.Describe()
	for _, s := range saved.saved {
		if was := s.Context.Compressed.Settings["cpu"]; was != "" && was != now.Settings["cpu"] {
			c.note("the triggers were found on another processor (%s), where 8-bit products may saturate or not; this one: %s", was, now.Settings["cpu"])
			return
		}
	}
}

// problem opens models as the pair's compressed model is opened.
func (f *layersFlags) problem(pair *model.Pair, mixed *restore.Model) layers.Problem {
	options := []onnx.Option{onnx.Threads(f.models.threads)}
	for _, o := range f.models.taken[compressedSide] {
		options = append(options, o.ONNX)
	}
	name := filepath.Base(*f.models.paths[compressedSide])
	open := func(restored func(...string) ([]byte, error), setting ...onnx.Option) layers.Open {
		return func(_ context.Context, nodes []string) (model.Predictor, error) {
			data, err := restored(nodes...)
			if err != nil {
				return nil, err
			}
			return onnx.OpenBytes(name, data, slices.Concat(options, setting)...)
		}
	}
	p := layers.Problem{
		Original: pair.Original(), Nodes: mixed.Names(),
		Open: open(mixed.Restore), OpenWeights: open(mixed.RestoreWeights),
	}
	for _, s := range onnx.Int8Settings() {
		p.Runtimes = append(p.Runtimes, layers.Runtime{
			Setting: s.Name, Advice: s.Advice, Open: open(mixed.Restore, s.Option), OpenWeights: open(mixed.RestoreWeights, s.Option),
		})
	}
	return p
}

// finish writes everything. The error is that of the search or, if there is none, of writing.
func (f *layersFlags) finish(c console, result layersResult, failure error) (code int, err error) {
	if failure != nil {
		result.Error = inFlags(failure.Error())
	}
	failure = errors.Join(failure, f.writeJSON(c, result))
	if f.json == "-" {
		c.out = c.err
	}
	if !c.quiet {
		_, err := fmt.Fprint(c.out, layersSummary(result))
		failure = errors.Join(failure, err)
	}
	switch {
	case failure != nil:
		return exitError, failure
	case result.Result.Status == layers.Incurable || result.Result.Status == layers.OfRuntime:
		return exitFound, nil
	}
	return exitNothing, nil
}

func (f *layersFlags) writeJSON(c console, result layersResult) error {
	if f.json == "" {
		return nil
	}
	data, err := report.EncodeJSON(result)
	if err != nil {
		return err
	}
	if f.json == "-" {
		_, err := c.out.Write(data)
		return err
	}
	return report.WriteFile(f.json, data)
}

func layersSummary(result layersResult) string {
	r, b := result.Result, strings.Builder{}
	tflite := slices.ContainsFunc(result.Nodes, func(n restore.Node) bool { return n.Form == restore.TFLite })
	fmt.Fprintf(&b, "%s: %s, %s; oracle %s\n", result.Pair, report.Plural(r.Triggers, "trigger"), report.Plural(len(result.Nodes), "quantised node"), r.Oracle)
	if n := len(r.Stale); n > 0 {
		fmt.Fprintf(&b, "%s no longer %s in the compressed model, and %s left out.\n", report.Plural(n, "trigger"), report.Verb(n, "deviate"), report.Verb(n, "are"))
	}
	b.WriteString(weightsSummary(result.Nodes))
	b.WriteString(runtimeSummary(r))
	if n := len(r.Incurable); n > 0 {
		fmt.Fprintf(&b, "%s %s with every listed node in float too: not the quantisation of these nodes.\n", report.Plural(n, "trigger"), report.Verb(n, "deviate"))
	}
	if len(r.Ranking) > 0 {
		operators := map[string]string{}
		for _, n := range result.Nodes {
			operators[n.Name] = n.Operator
		}
		fmt.Fprintf(&b, "\n  heals  causes  node\n")
		for _, rank := range r.Ranking {
			fmt.Fprintf(&b, "%7d %7d  %s (%s)\n", rank.Heals, rank.Causes, rank.Node, operators[rank.Node])
		}
		fmt.Fprintf(&b, "heals: triggers that heal with this node alone in float; causes: triggers that deviate with this node alone quantised.\n")
		if n := len(result.Nodes) - len(r.Ranking); n > 0 {
			fmt.Fprintf(&b, "%s not ranked: --evaluations ended before.\n", report.Plural(n, "node"))
		}
	}
	if len(r.Exclude) > 0 && r.Healed > 0 {
		fmt.Fprintf(&b, "\n%s in float %s %d of %s%s; %s of nodes tried.\n", report.Plural(len(r.Exclude), "node"), report.Verb(len(r.Exclude), "heal"), r.Healed, report.Plural(r.Curable, "trigger"),
			map[bool]string{true: ", evaluated anew", false: ""}[r.Verified], report.Plural(r.Evaluations, "set"))
		switch r.Status {
		case layers.Minimal:
			if len(r.Exclude) == len(result.Nodes) && len(r.Exclude) > 1 {
				b.WriteString("That is every quantised node: no part of them is to blame.\n")
			} else {
				fmt.Fprintf(&b, "Without any one of them fewer than %d heal.\n", r.Goal)
			}
		case layers.NotMinimal:
			b.WriteString("The list may be too long: --evaluations ended the search.\n")
		case layers.Cancelled:
			b.WriteString("The list may be too long: the search was interrupted.\n")
		}
		switch r.Cause {
		case layers.Weights:
			b.WriteString("Their weights alone make the difference.\n")
		case layers.Activations:
			b.WriteString("Their activations make the difference: float weights alone do not heal enough.\n")
		}
		if tflite {
			fmt.Fprintf(&b, "For TensorFlow Lite's QuantizationDebugOptions:\ndenylisted_nodes=%s\n", pythonList(r.Exclude))
		} else {
			fmt.Fprintf(&b, "For onnxruntime's quantiser:\nnodes_to_exclude=%s\n", pythonList(r.Exclude))
		}
	}
	return b.String()
}

// weightsSummary names the nodes whose weights the original does not have.
func weightsSummary(nodes []restore.Node) string {
	var lacking []string
	for _, n := range nodes {
		if n.DequantisedWeights {
			lacking = append(lacking, n.Name)
		}
	}
	if len(lacking) == 0 {
		return ""
	}
	return fmt.Sprintf("The original has no float weights for %s, neither by name nor by value: %s.\nOf these, float means the activations alone.\n",
		report.Plural(len(lacking), "node"), strings.Join(lacking, ", "))
}

// runtimeSummary tells what the other settings of the runtime do, where they do anything.
func runtimeSummary(r *layers.Result) string {
	var b strings.Builder
	for _, tried := range r.Runtimes {
		if tried.Error != "" {
			fmt.Fprintf(&b, "Under %s the compressed model cannot be run: %s\n", tried.Setting, inFlags(tried.Error))
		}
		if tried.Vanish > 0 {
			fmt.Fprintf(&b, "Under %s, %d of %s no longer %s.\n", tried.Setting, tried.Vanish, report.Plural(r.Triggers-len(r.Stale), "trigger"), report.Verb(tried.Vanish, "deviate"))
		}
	}
	for _, advice := range r.Advice {
		fmt.Fprintln(&b, inFlags(advice))
	}
	switch {
	case r.Setting == "":
	case r.Status == layers.OfRuntime:
		b.WriteString("None is left to blame a node for.\n")
	default:
		fmt.Fprintf(&b, "What follows is about the other %d, under %s.\n", r.Triggers-len(r.Stale)-len(r.Vanished), r.Setting)
	}
	return b.String()
}

// pythonList is a list of strings as Python reads it.
func pythonList(words []string) string {
	var list []string
	for _, word := range words {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(word) // a string cannot fail
		list = append(list, strings.TrimSpace(b.String()))
	}
	return "[" + strings.Join(list, ", ") + "]"
}
