# For those who have make; `python3 run` is the real thing and needs nothing but Python.
.PHONY: demo test check

demo test check:
	@python3 run $@ $(ARGS)
