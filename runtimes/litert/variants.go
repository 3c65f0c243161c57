package litert

import (
	"fmt"
	"io/fs"
	"sync"

	"github.com/triggerfinder/triggerfinder/model"
)

// OpenVariants opens a pair under other settings of LiteRT than those of the options: the kernels of XNNPACK and the built-in ones
// (see [XNNPACK]), 1 and 2 threads. Settings that the options give already, to both models, are left out. The options are those
// of [OpenPair].
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
	read = readingOnce(read)
	usual, err := openPair(read, originalPath, compressedPath, options)
	if err != nil {
		return nil, err
	}
	defer func() { _ = usual.Close() }()
	first, second := usual.Describe()
	var variants model.Variants
	for _, v := range []struct {
		setting, key, value string
		option              Option
	}{
		{"kernels of XNNPACK", "kernels", "xnnpack", XNNPACK(true)},
		{"built-in kernels", "kernels", "builtin", XNNPACK(false)},
		{"1 thread", "threads", "1", Threads(1)},
		{"2 threads", "threads", "2", Threads(2)},
	} {
		if first.Settings[v.key] == v.value && second.Settings[v.key] == v.value {
			continue
		}
		// Inside Original and Compressed, and last, so that it wins over the options.
		all := append(options[:len(options):len(options)], Original(v.option), Compressed(v.option))
		pair, err := openPair(read, originalPath, compressedPath, all)
		if err != nil {
			_ = variants.Close()
			return nil, fmt.Errorf("variant %q: %w", v.setting, err)
		}
		variants = append(variants, model.Variant{Setting: v.setting, Pair: pair})
	}
	return variants, nil
}

// readingOnce keeps what was read, for models that are opened several times.
func readingOnce(read reader) reader {
	var mu sync.Mutex
	files := map[string][]byte{}
	return func(path string) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		if data, ok := files[path]; ok {
			return data, nil
		}
		data, err := read(path)
		if err == nil {
			files[path] = data
		}
		return data, err
	}
}
