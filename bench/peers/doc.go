// Package peers holds the servers of the benchmark in the folders below it: one for each framework. The floors are in ../c.
// README.md says what each row is; the tests here see that every server answers right in each of its modes.
package peers
