"""The Zhida assistant: a Rasa project of its own (Python 3.10) that meets the service over HTTP."""
