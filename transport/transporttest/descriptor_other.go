//go:build !linux && !darwin

package transporttest

var descriptorCases []behaviour
