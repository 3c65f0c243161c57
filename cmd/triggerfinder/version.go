package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/triggerfinder/triggerfinder/model"
)

// moduleVersion is the version of this module, "(devel)" in a working copy.
func moduleVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

func versionLine() string {
	return fmt.Sprintf("triggerfinder %s %s %s/%s", moduleVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// versions is what a result depends on besides its options.
func versions(original, compressed model.Description) map[string]string {
	all := map[string]string{
		"triggerfinder": moduleVersion(),
		"go":            runtime.Version(),
		"onnxruntime":   runtimeVersion(original, compressed),
		"platform":      runtime.GOOS + "/" + runtime.GOARCH,
		"cpu":           cmp.Or(original.Settings["cpu"], compressed.Settings["cpu"]),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "GOAMD64" && s.Value != "" {
				all["goamd64"] = s.Value
			}
		}
	}
	return all
}
