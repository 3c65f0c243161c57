package ortlib

import "github.com/triggerfinder/triggerfinder/runtimes/internal/sharedlib"

// pins holds everything that may be installed. The same version differs between the sources: each is a
// build of its own.
//
// How the sums were obtained. Wheels and the npm package: downloaded with pip and npm, and summed, the
// libraries in them too. Release archives: from public source repositories that pin the same files. Each
// archive's sum stands in five or more of them and each library's in three or more, and no record found
// disagrees. 1.30.0 is the newest release with such records for all of these
// platforms; for windows/arm64 there are records of the archive but none of the library in it, so that
// platform has no archive here and starts at the wheel.
//
// There is no row for darwin/amd64: releases this new no longer support it.
var pins = []sharedlib.Pin{
	{
		Source: OriginArchive, Version: "1.30.0", GOOS: "linux", GOARCH: "amd64",
		File: "onnxruntime-linux-x64-1.30.0.tgz", Size: 11306877,
		Sum:        "a5ed5a3cac51fbb2e90da632ae43d19212faaa20e76484e62bcb7c23ddb3b3fd",
		Member:     "onnxruntime-linux-x64-1.30.0/lib/libonnxruntime.so.1.30.0",
		LibrarySum: "245a6f8c38127551057a1cd1ffd59f0a186a227ade4f3492dea2494eb565542e",
	},
	{
		Source: OriginArchive, Version: "1.30.0", GOOS: "linux", GOARCH: "arm64",
		File: "onnxruntime-linux-aarch64-1.30.0.tgz", Size: 10269495,
		Sum:        "e16a27a8ed330bbc698df7330b0cf56e722f354e3bcc92118682c74ef3c3e3da",
		Member:     "onnxruntime-linux-aarch64-1.30.0/lib/libonnxruntime.so.1.30.0",
		LibrarySum: "64e903a43a041240fd6bcffe0ac6d4fea47ef87bf24b9d097801bd00a9612a4b",
	},
	{
		Source: OriginArchive, Version: "1.30.0", GOOS: "darwin", GOARCH: "arm64",
		File: "onnxruntime-osx-arm64-1.30.0.tgz", Size: 42373116,
		Sum:        "6ebb5062a934537c352937821f9fe9718e7de1a2db1122a93dd363ffd53a7012",
		Member:     "onnxruntime-osx-arm64-1.30.0/lib/libonnxruntime.1.30.0.dylib",
		LibrarySum: "bcc9110f9d638a119de2db7afb3ba9a1da8085f0cb3401e1c48ae1caf450b6fa",
	},
	{
		Source: OriginArchive, Version: "1.30.0", GOOS: "windows", GOARCH: "amd64",
		File: "onnxruntime-win-x64-1.30.0.zip", Size: 82645522,
		Sum:        "c6ba983baf5681af108599675d2a89c2d145512d02de28aed0bff177cd0ba949",
		Member:     "onnxruntime-win-x64-1.30.0/lib/onnxruntime.dll",
		LibrarySum: "7e39e2bdbba836d98071ef28620735ba36a47c554cf794585269aecc50fab0da",
	},
	{
		Source: OriginPip, Version: "1.32.0", GOOS: "linux", GOARCH: "amd64", Tag: "manylinux_2_28_x86_64",
		File: "onnxruntime-1.32.0-cp313-cp313-manylinux_2_28_x86_64.whl", Size: 27780404,
		Sum:        "02ea12a28c069ea8510093d95a7f6ff8126bfd9fc5c0d3381c03b80fb2b424ba",
		Member:     "onnxruntime/capi/libonnxruntime.so.1.32.0",
		LibrarySum: "6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f",
	},
	{
		Source: OriginPip, Version: "1.32.0", GOOS: "linux", GOARCH: "arm64", Tag: "manylinux_2_28_aarch64",
		File: "onnxruntime-1.32.0-cp313-cp313-manylinux_2_28_aarch64.whl", Size: 23195811,
		Sum:        "54d02baff2df38777b4c3cc7af326406fe8b8a48f54720f4c446d2d327920a79",
		Member:     "onnxruntime/capi/libonnxruntime.so.1.32.0",
		LibrarySum: "49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a",
	},
	{
		Source: OriginPip, Version: "1.32.0", GOOS: "darwin", GOARCH: "arm64", Tag: "macosx_14_0_arm64",
		File: "onnxruntime-1.32.0-cp313-cp313-macosx_14_0_arm64.whl", Size: 22518865,
		Sum:        "27bf5dad46355a8a435c9c4e1556464d99ca834ea44e0f452909712068b8821b",
		Member:     "onnxruntime/capi/libonnxruntime.1.32.0.dylib",
		LibrarySum: "fa585fabbea65b823b9a8f7e27d46aee3989d1be7e36b528203d3a1fd613aae7",
	},
	{
		Source: OriginPip, Version: "1.32.0", GOOS: "windows", GOARCH: "amd64", Tag: "win_amd64",
		File: "onnxruntime-1.32.0-cp313-cp313-win_amd64.whl", Size: 16697937,
		Sum:        "c7f9aa98036ba2a47aa041a4a8c6d0a1f7bfe1bde44c131dcd15ce334f2f148d",
		Member:     "onnxruntime/capi/onnxruntime.dll",
		LibrarySum: "bf0927ca8efb68ad67f6cad3851641dc78e21a687a3fd959ae262d3252e9fa0a",
	},
	{
		Source: OriginPip, Version: "1.32.0", GOOS: "windows", GOARCH: "arm64", Tag: "win_arm64",
		File: "onnxruntime-1.32.0-cp313-cp313-win_arm64.whl", Size: 16030922,
		Sum:        "29e4b0fdd3bea834ace358bd8c48641266ec327f730363ab0ab5d0ca574d38fe",
		Member:     "onnxruntime/capi/onnxruntime.dll",
		LibrarySum: "c8121a5c99f7b07f3f9b4fd0ce0843d27a3446763644b1e9860b797bb2ded94f",
	},
	{
		Source: OriginPip, Version: "1.30.0", GOOS: "linux", GOARCH: "amd64", Tag: "manylinux_2_28_x86_64",
		File: "onnxruntime-1.30.0-cp313-cp313-manylinux_2_28_x86_64.whl", Size: 23585560,
		Sum:        "86f940afc801ea9681a4da8af84fbe95e1d9ea7d80903952cc1bfad54faad38f",
		Member:     "onnxruntime/capi/libonnxruntime.so.1.30.0",
		LibrarySum: "c902c70b3003c0e99fada202f37478c515ae9bba7944c2b2abd0017bae0c82ed",
	},
	{
		Source: OriginPip, Version: "1.30.0", GOOS: "linux", GOARCH: "arm64", Tag: "manylinux_2_28_aarch64",
		File: "onnxruntime-1.30.0-cp313-cp313-manylinux_2_28_aarch64.whl", Size: 21344996,
		Sum:        "5327cf6aa15a02bad805fac8bd6882a62571e8b72f6f2938a8f37e6bd1966ce9",
		Member:     "onnxruntime/capi/libonnxruntime.so.1.30.0",
		LibrarySum: "8a218e1e446880131115c368ec7005969a5022af9a15a26173de648fef0b7789",
	},
	{
		Source: OriginPip, Version: "1.30.0", GOOS: "darwin", GOARCH: "arm64", Tag: "macosx_14_0_arm64",
		File: "onnxruntime-1.30.0-cp313-cp313-macosx_14_0_arm64.whl", Size: 21544990,
		Sum:        "05e4fc41711d1f4abd19a9124b5be7a65a506cb2670a7f14b16162ef13c58134",
		Member:     "onnxruntime/capi/libonnxruntime.1.30.0.dylib",
		LibrarySum: "05452268ebacf84af58ab1e21065a500687d085538067d146c34ef6f8882c5e2",
	},
	{
		Source: OriginPip, Version: "1.30.0", GOOS: "windows", GOARCH: "amd64", Tag: "win_amd64",
		File: "onnxruntime-1.30.0-cp313-cp313-win_amd64.whl", Size: 14311378,
		Sum:        "4b63041bd623a9a9ac5e353948436c6fa7f43edd12d6b4a4ebc340bca959ba93",
		Member:     "onnxruntime/capi/onnxruntime.dll",
		LibrarySum: "5e58353170677b13f05d867f93648c8783b11ac9146f330651d281701180c186",
	},
	{
		Source: OriginPip, Version: "1.30.0", GOOS: "windows", GOARCH: "arm64", Tag: "win_arm64",
		File: "onnxruntime-1.30.0-cp313-cp313-win_arm64.whl", Size: 14175134,
		Sum:        "c389b6887fc95e0fcb80e89b156bc2cb18e662c29df55e9326fe64140e7d7b4f",
		Member:     "onnxruntime/capi/onnxruntime.dll",
		LibrarySum: "88b5fdd5f1ea2030803a0c431a27c1da9acc19ec8aafcd35e829a57f4cb9d639",
	},
	{
		Source: OriginNpm, Version: "1.30.0", GOOS: "linux", GOARCH: "amd64",
		File: "onnxruntime-node-1.30.0.tgz", Size: 113507888,
		Sum:        "6e3390d6b783e7be946fad629292799da28d0b42f84856e50d2c1b0383291e75",
		Member:     "package/bin/napi-v6/linux/x64/libonnxruntime.so.1",
		LibrarySum: "ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23",
	},
	{
		Source: OriginNpm, Version: "1.30.0", GOOS: "linux", GOARCH: "arm64",
		File: "onnxruntime-node-1.30.0.tgz", Size: 113507888,
		Sum:        "6e3390d6b783e7be946fad629292799da28d0b42f84856e50d2c1b0383291e75",
		Member:     "package/bin/napi-v6/linux/arm64/libonnxruntime.so.1",
		LibrarySum: "1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76",
	},
	{
		Source: OriginNpm, Version: "1.30.0", GOOS: "darwin", GOARCH: "arm64",
		File: "onnxruntime-node-1.30.0.tgz", Size: 113507888,
		Sum:        "6e3390d6b783e7be946fad629292799da28d0b42f84856e50d2c1b0383291e75",
		Member:     "package/bin/napi-v6/darwin/arm64/libonnxruntime.1.30.0.dylib",
		LibrarySum: "685d2be5dba1309c89d3a5324b7fd06a5c42f1a61bfea32d14c4cc28d072121d",
	},
	{
		Source: OriginNpm, Version: "1.30.0", GOOS: "windows", GOARCH: "amd64",
		File: "onnxruntime-node-1.30.0.tgz", Size: 113507888,
		Sum:        "6e3390d6b783e7be946fad629292799da28d0b42f84856e50d2c1b0383291e75",
		Member:     "package/bin/napi-v6/win32/x64/onnxruntime.dll",
		LibrarySum: "508c362f5673483dd3a086379c392795b2e42d10d5e6f3f90ebd7ac21c97af67",
	},
	{
		Source: OriginNpm, Version: "1.30.0", GOOS: "windows", GOARCH: "arm64",
		File: "onnxruntime-node-1.30.0.tgz", Size: 113507888,
		Sum:        "6e3390d6b783e7be946fad629292799da28d0b42f84856e50d2c1b0383291e75",
		Member:     "package/bin/napi-v6/win32/arm64/onnxruntime.dll",
		LibrarySum: "6c3a2abf5c6aca11c48a0d338a91af309f2266f25ce2e4084e6a87bbcb0fbfd0",
	},
}
