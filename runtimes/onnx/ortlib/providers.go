package ortlib

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/sharedlib"
)

// Builds of ONNX Runtime that are installed, by their Python packages. An execution provider is in one of them only.
const (
	packagePlain    = "onnxruntime"
	packageGPU      = "onnxruntime-gpu"
	packageOpenVINO = "onnxruntime-openvino"
	packageDirectML = "onnxruntime-directml"
)

// providerPackages says which build has a provider. Those that are in no build that can be installed are left out.
var providerPackages = map[string]string{
	"cpu": packagePlain, "coreml": packagePlain,
	"cuda": packageGPU, "tensorrt": packageGPU, "openvino": packageOpenVINO, "directml": packageDirectML,
}

// Package is the Python package whose library has an execution provider, in the words of package onnx ("cpu", "cuda", …), or "" when no
// package that can be installed has it. The library that needs no more than the processor, which all others include, is that of
// "onnxruntime".
func Package(provider string) string {
	if provider == "" {
		return packagePlain
	}
	return providerPackages[provider]
}

// Platforms are those for which a library with the provider is installed, such as "linux/amd64".
func Platforms(provider string) []string {
	var platforms []string
	for _, p := range onnxRuntime(provider).Pins {
		if name := p.GOOS + "/" + p.GOARCH; !slices.Contains(platforms, name) && (provider != "coreml" || p.GOOS == "darwin") {
			platforms = append(platforms, name)
		}
	}
	if Package(provider) == "" {
		return nil
	}
	return platforms
}

// onnxRuntime is the library that has a provider. For one that is in no package it is the plain one.
func onnxRuntime(provider string) sharedlib.Product {
	p := sharedlib.Product{
		Package: "ortlib", Title: "ONNX Runtime", Folder: packagePlain, Variables: []string{EnvLibrary, EnvLibraryShared},
		Symbol: "OrtGetApiBase", Minimum: minimum, Stem: "onnxruntime", TellsVersion: true,
		OnSystem: true, SystemFolders: []string{"/opt/onnxruntime/lib"},
		ReleasePage: releasePage, Advice: "a release archive from " + releasePage,
		Pip: packagePlain, Npm: "onnxruntime-node", Pins: pins,
	}
	name := Package(provider)
	if name == "" || name == packagePlain {
		return p
	}
	p.Title = fmt.Sprintf("ONNX Runtime (%s)", name)
	p.Folder, p.Pip, p.Pins = name, name, providerPins[name]
	p.Advice = "the Python package " + name + ", in onnxruntime/capi with all that lies beside it"
	p.Beside = "onnxruntime_providers_" + provider
	if name == packageDirectML {
		p.OnSystem, p.Beside = false, "" // Windows has a library of its own of this name
	}
	return p
}

// providerPins are the builds with an execution provider that needs more than the processor. The wheels were downloaded with pip and summed,
// the libraries in them too. The wheel of onnxruntime-openvino for Windows is left out: it has no OpenVINO in it.
var providerPins = map[string][]sharedlib.Pin{
	packageOpenVINO: {{
		Source: OriginPip, Version: "1.24.1", GOOS: "linux", GOARCH: "amd64", Tag: "manylinux_2_28_x86_64",
		File: "onnxruntime_openvino-1.24.1-cp313-cp313-manylinux_2_28_x86_64.whl", Size: 84433183,
		Sum:        "2c3bb73e68ac27f4891af8a595c1faf574ec68b772e6583c90a0b997a1822782",
		Member:     "onnxruntime/capi/libonnxruntime.so.1.24.1",
		LibrarySum: "a88c790b82c5bdfd4740ebe3018e52009851097f97fbd9e5e3fd3249fcdb9ed7",
		Parts: []sharedlib.Part{
			{Member: "onnxruntime/capi/libonnxruntime_providers_shared.so", Sum: "5e02c1ff90e7d71365264dbb6767c00f04a8b57a96cddbc0085c61fa1393250d"},
			{Member: "onnxruntime/capi/libonnxruntime_providers_openvino.so", Sum: "288a362f90a6daced2c9c017d1419d80d2505751d4349f6499652f7e4d5ce53f"},
			{Member: "onnxruntime/capi/libopenvino.so.2541", Sum: "ac9634b715a242a61644c77bc38f17508fe73f517e418027e2410f4bee004943"},
			{Member: "onnxruntime/capi/libopenvino_onnx_frontend.so.2541", Sum: "f426710881d8c1a01d5ed6d7eaa076d923b19983d3ab3a18bb19d25dba7d8923"},
			{Member: "onnxruntime/capi/libopenvino_intel_cpu_plugin.so", Sum: "034df890550ae9199fe5f8608c0df8fd0fe355f303bad56bea10bae14c14c3cb"},
			{Member: "onnxruntime/capi/libopenvino_intel_gpu_plugin.so", Sum: "5575d03f4a168b257461b83089bc2d0ae7a41ebc1b5ab6b591d26f09c4a3635e"},
			{Member: "onnxruntime/capi/libopenvino_intel_npu_plugin.so", Sum: "5fad291a5cce9b0b5a7d73317ffcb811f6f93f029ce23eb679e9b6b3da88a1ae"},
			{Member: "onnxruntime/capi/libopenvino_auto_plugin.so", Sum: "1bf94263f5412bc8b392a93a0d37cbbf3ecdeed148eed2612d94503045e14a1f"},
			{Member: "onnxruntime/capi/libopenvino_hetero_plugin.so", Sum: "5bc208c13f7e13a46fff84c568759237e26ce0dd8dd7c761ba2fc72df02c99c5"},
			{Member: "onnxruntime/capi/libtbb.so.12", Sum: "6781dc6aa8b2ca237d0164258e70266a44667756c02a9a039782ec1d1a67b653"},
			{Member: "onnxruntime/capi/libtbbmalloc.so", Sum: "d7166b1e54c17d8f25be63e22fc2366bbe7b1b8cc3a7ea629dea59caeba9c020"},
		},
	}},
	packageGPU: {
		{
			Source: OriginPip, Version: "1.31.1", GOOS: "linux", GOARCH: "amd64", Tag: "manylinux_2_28_x86_64",
			File: "onnxruntime_gpu-1.31.1-cp313-cp313-manylinux_2_28_x86_64.whl", Size: 255567609,
			Sum:        "f659529e07c21ec6b6179fd1bfaf82ffb7c3dc9c0916e18f6f313f9a690891be",
			Member:     "onnxruntime/capi/libonnxruntime.so.1.31.1",
			LibrarySum: "5104254339ecadae808da771bd0b63b240f0dbd466514234905e54372435c303",
			Parts: []sharedlib.Part{
				{Member: "onnxruntime/capi/libonnxruntime_providers_shared.so", Sum: "086ec1d5388f64153d9c63470d126693db9a182c8ce236d3a1119068471b8a0d"},
				{Member: "onnxruntime/capi/libonnxruntime_providers_cuda.so", Sum: "f62fddac1a32c2893ba9268058fa91e38d14d5ce5609c6e31e7e8b7d61f97e26"},
				{Member: "onnxruntime/capi/libonnxruntime_providers_tensorrt.so", Sum: "1882ee49fdb0e6fc2d272b00cfaf9a3310bf8580a34385c0eec4d82014ea172e"},
			},
		},
		{
			Source: OriginPip, Version: "1.31.1", GOOS: "windows", GOARCH: "amd64", Tag: "win_amd64",
			File: "onnxruntime_gpu-1.31.1-cp313-cp313-win_amd64.whl", Size: 168097596,
			Sum:        "1a667241591c89c516b43689a0ae38c4d99d0cb45a2220e95a9f822aeb6887c4",
			Member:     "onnxruntime/capi/onnxruntime.dll",
			LibrarySum: "66253416af7cddf112957a38777b5ca39bf466817eea61f63be98d1cdb355312",
			Parts: []sharedlib.Part{
				{Member: "onnxruntime/capi/onnxruntime_providers_shared.dll", Sum: "c7a5e35c063038e328f060c4b1ce957e2f40285d12810bb6d0b13a934123d44a"},
				{Member: "onnxruntime/capi/onnxruntime_providers_cuda.dll", Sum: "4e9e179793dc4f2d74886911058bdceb4ed76545d037d29e9304016d9ccf366b"},
				{Member: "onnxruntime/capi/onnxruntime_providers_tensorrt.dll", Sum: "3c6040841f3781d0e33ecf3394acfd7d691d3123a095f2d4c6f6ff3b697e1835"},
			},
		},
	},
	packageDirectML: {{
		Source: OriginPip, Version: "1.24.4", GOOS: "windows", GOARCH: "amd64", Tag: "win_amd64",
		File: "onnxruntime_directml-1.24.4-cp313-cp313-win_amd64.whl", Size: 25112253,
		Sum:        "2f1031cb2281e5b27cca9efe0b9399317c7286e4d226f7a79d4ab79bbd94d19e",
		Member:     "onnxruntime/capi/onnxruntime.dll",
		LibrarySum: "3345de4dc2bb7a71ed615e711db3bb47b532b1e1e3ca9b3aae4eb6e02e286dd2",
		Parts: []sharedlib.Part{
			{Member: "onnxruntime/capi/DirectML.dll", Sum: "9f7d19ab3bec5488bbcd572942c202c8ad2cd23d4f6ecf00000a2200e574b6c9"},
			{Member: "onnxruntime/capi/onnxruntime_providers_shared.dll", Sum: "0c97b41d3c76f5ccc00c79d7afc4a2bd654544f78ce8bc1d6739ff71059e5843"},
		},
	}},
}
