package onnx

import (
	"fmt"
	"io/fs"
	"sync"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/internal/modelfile"
)

// mixedBatch is the batch of the variant that lets inputs of a batch influence each other.
const mixedBatch = 32

// OpenVariants opens a pair under other settings of ONNX Runtime than those of the options: each level of graph optimisation, 1
// and 2 threads, the CPU where a model has another [ExecutionProvider], [ExactProducts] where a model is quantised and the processor's 8-bit products saturate and ONNX Runtime loads
// both models so, and, where one of the models takes its quantisation from the whole batch, batches of 32 (which [OpenPair]
// avoids). Settings that the options give already are left out. The options are those of [OpenPair].
//
// They tell what a pair owes to its compression from what it owes to the runtime; see package gate.
func OpenVariants(originalPath, compressedPath string, options ...Option) (model.Variants, error) {
	return openVariants(readPath, originalPath, compressedPath, options)
}

// OpenVariantsFS is [OpenVariants] for models in a file system.
func OpenVariantsFS(fsys fs.FS, originalPath, compressedPath string, options ...Option) (model.Variants, error) {
	return openVariants(fsReader(fsys), originalPath, compressedPath, options)
}

func openVariants(read reader, originalPath, compressedPath string, options []Option) (model.Variants, error) {
	threads, first, err := predictor.SettingsOf("onnx", predictor.AsOriginal, options)
	if err != nil {
		return nil, err
	}
	others, second, err := predictor.SettingsOf("onnx", predictor.AsCompressed, options)
	if err != nil {
		return nil, err
	}
	first, second = first.withDefaults(), second.withDefaults()
	read = readingOnce(read)
	var variants model.Variants
	add := func(setting string, batch int, option Option) error {
		// Inside Original and Compressed, and last, so that it wins over the options.
		all := append(options[:len(options):len(options)], Original(option), Compressed(option))
		pair, err := openPair(read, originalPath, compressedPath, all)
		if err != nil {
			return err
		}
		variants = append(variants, model.Variant{Setting: setting, Pair: pair, Batch: batch})
		return nil
	}
	err = func() error {
		if !first.onCPU() || !second.onCPU() {
			if err := add("on the CPU", 0, ExecutionProvider("cpu")); err != nil {
				return err
			}
		}
		for _, level := range []OptimizationLevel{OptimizeNone, OptimizeBasic, OptimizeExtended, OptimizeAll} {
			if first.optimization != level || second.optimization != level {
				if err := add("optimisation "+string(level), 0, GraphOptimization(level)); err != nil {
					return err
				}
			}
		}
		for n, name := range []string{"1 thread", "2 threads"} {
			if threads != n+1 || others != n+1 {
				if err := add(name, 0, Threads(n+1)); err != nil {
					return err
				}
			}
		}
		if saturating() && quantisedAny(variants) && !(first.exactProducts && second.exactProducts) {
			// ONNX Runtime does not load every model under this option. The models themselves are loaded above.
			_ = add(exactProductsSetting, 0, ExactProducts())
		}
		if mixes(variants) {
			return add(fmt.Sprintf("batch %d, mixed", mixedBatch), mixedBatch, predictor.MixingBatches[settings]())
		}
		return nil
	}()
	if err != nil {
		_ = variants.Close()
		return nil, err
	}
	return variants, nil
}

// mixes reports whether a model of the pair runs inputs one by one that its file takes together.
func mixes(variants model.Variants) bool {
	for _, p := range []model.Predictor{variants[0].Pair.Original(), variants[0].Pair.Compressed()} {
		if predictor.MixesBatches(p.(*Model).core) {
			return true
		}
	}
	return false
}

// quantisedAny reports whether one of the models multiplies 8-bit numbers.
func quantisedAny(variants model.Variants) bool {
	for _, p := range []model.Predictor{variants[0].Pair.Original(), variants[0].Pair.Compressed()} {
		if p.(*Model).eightBit {
			return true
		}
	}
	return false
}

// readingOnce keeps what was read, for models that are opened several times.
func readingOnce(read reader) reader {
	var mu sync.Mutex
	files := map[string]*modelfile.Model{}
	return func(path string) (*modelfile.Model, error) {
		mu.Lock()
		defer mu.Unlock()
		if file, ok := files[path]; ok {
			return file, nil
		}
		file, err := read(path)
		if err == nil {
			files[path] = file
		}
		return file, err
	}
}
