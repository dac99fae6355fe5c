// SPDX-License-Identifier: GPL-2.0
/*
 * Builds the buses that the `bus` parameter names, "KIND:CHANNELS,…": see bus.c
 * for the kinds; 0 channels are one cage without a mux. Cages are numbered
 * through all buses; cage N has the network interface hilN and the debugfs
 * folder hilbus/N; bus K has the folder hilbus/bus-K.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "hilbus.h"

#define MOST_BUSES 8
#define MOST_CHANNELS 16

static char standard[] = "full:4";
static char *layout[MOST_BUSES] = { standard };
static unsigned int buses_wanted = 1;
module_param_array_named(bus, layout, charp, &buses_wanted, 0444);
MODULE_PARM_DESC(bus, "KIND:CHANNELS of each bus; kinds are full, pairs, block, word, byte");

static struct platform_device *board;
static struct dentry *debug;
static struct bus *buses[MOST_BUSES];
static struct cage *cages[MOST_BUSES * MOST_CHANNELS];
static unsigned int buses_made, cages_made;

/* Takes down what was built. The knobs go first: nobody is to plug in again. */
static void destroy(void)
{
	unsigned int i;

	debugfs_remove_recursive(debug);
	for (i = cages_made; i-- > 0;) {
		interface_remove(cages[i]);
		cage_release(cages[i]);
	}
	for (i = buses_made; i-- > 0;)
		bus_unplug(buses[i]);
	for (i = cages_made; i-- > 0;) {
		cage_exit(cages[i]);
		kfree(cages[i]);
	}
	for (i = buses_made; i-- > 0;)
		kfree(buses[i]);
	platform_device_unregister(board);
}

static int add_cage(void)
{
	struct cage *cage = kzalloc(sizeof(*cage), GFP_KERNEL);
	int error;

	if (!cage)
		return -ENOMEM;
	error = cage_init(cage, debug, cages_made);
	if (error) {
		kfree(cage);
		return error;
	}
	cages[cages_made++] = cage;
	return interface_add(cage, &board->dev, cages_made - 1);
}

/* Adds the bus that KIND:CHANNELS describes. */
static int add_bus(char *text)
{
	const struct bus_kind *kind = bus_kind(strsep(&text, ":"));
	struct bus *bus;
	struct dentry *folder;
	char name[16];
	unsigned int channels, i;
	int error;

	if (!kind || !text || kstrtouint(text, 10, &channels) || channels > MOST_CHANNELS)
		return -EINVAL;
	bus = kzalloc(sizeof(*bus), GFP_KERNEL);
	if (!bus)
		return -ENOMEM;
	bus->kind = kind;
	bus->channels = channels;
	bus->cages = &cages[cages_made];
	bus->parent = &board->dev;
	mutex_init(&bus->plug_lock);
	buses[buses_made++] = bus;
	for (i = 0; i < max(channels, 1u); i++) {
		error = add_cage();
		if (error)
			return error;
	}
	snprintf(name, sizeof(name), "bus-%u", buses_made - 1);
	folder = debugfs_create_dir(name, debug);
	debugfs_create_file("plugged", 0200, folder, bus, &bus_plugged_ops);
	return bus_plug(bus);
}

static int __init hilbus_init(void)
{
	unsigned int i;
	int error;

	board = platform_device_register_simple("hilbus", 0, NULL, 0);
	if (IS_ERR(board))
		return PTR_ERR(board);
	debug = debugfs_create_dir("hilbus", NULL);
	if (IS_ERR(debug)) {
		platform_device_unregister(board);
		return PTR_ERR(debug);
	}
	for (i = 0; i < buses_wanted; i++) {
		error = add_bus(layout[i]);
		if (error)
			goto fail;
	}
	error = i2c_add_driver(&owner_driver);
	if (!error)
		return 0;
fail:
	pr_err("hilbus: cannot build bus %u: %d\n", i, error);
	destroy();
	return error;
}

static void __exit hilbus_exit(void)
{
	i2c_del_driver(&owner_driver);
	destroy();
}

module_init(hilbus_init);
module_exit(hilbus_exit);
MODULE_DESCRIPTION("Test adapters and interfaces with simulated optical modules");
MODULE_LICENSE("GPL");
