/*
 * jvm.h
 *		What the files around the JVM show each other; needs the JDK's jni.h.
 */
#ifndef WALRUS_JVM_H
#define WALRUS_JVM_H

#include <jni.h>

#include "walrus.h"

/* jvm_hooks.c */
extern void walrus_jvm_hooks_starting(const WalrusProgram *made_for, bool is_starting);
extern JavaVMOption walrus_jvm_hook_option(const char *name);

/* jvm_options.c */
extern JavaVMInitArgs walrus_jvm_build_arguments(const WalrusProgram *program,
												 const WalrusJvmFiles *files, int stack_kb);
extern const char *walrus_jvm_option_text(void);

#endif							/* WALRUS_JVM_H */
