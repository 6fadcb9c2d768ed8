"""The torture campaign: damaged files, killed processes, full disks, leaks. `make torture` runs it, resumably."""
