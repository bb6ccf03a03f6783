"""A compiler whose programs print something else."""
print("liar")
