// SPDX-License-Identifier: GPL-2.0
/*
 * A network interface for each cage. Its module is read as firmware reads it,
 * and its FEC statistics are what debugfs says.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "hilbus.h"

struct port {
	struct cage *cage;
};

static struct cage *cage_of(struct net_device *device)
{
	return ((struct port *)netdev_priv(device))->cage;
}

static int read_module(struct net_device *device, const struct ethtool_module_eeprom *wanted,
		       struct netlink_ext_ack *extack)
{
	int error = cage_peek(cage_of(device), wanted->i2c_address, wanted->bank, wanted->page,
			      wanted->offset, wanted->length, wanted->data);

	return error ? error : wanted->length;
}

static int fec_parameters(struct net_device *device, struct ethtool_fecparam *fec)
{
	fec->fec = ETHTOOL_FEC_RS;
	fec->active_fec = ETHTOOL_FEC_RS;
	return 0;
}

static void fill(struct ethtool_fec_stat *to, const u64 *from)
{
	int lane;

	to->total = from[0];
	for (lane = 0; lane < FEC_LANES && lane < ETHTOOL_MAX_LANES; lane++)
		to->lanes[lane] = from[1 + lane];
}

static void fec_statistics(struct net_device *device, struct ethtool_fec_stats *stats)
{
	struct cage *cage = cage_of(device);

	fill(&stats->corrected_blocks, cage->fec[0]);
	fill(&stats->uncorrectable_blocks, cage->fec[1]);
	fill(&stats->corrected_bits, cage->fec[2]);
}

static int link_settings(struct net_device *device, struct ethtool_link_ksettings *settings)
{
	ethtool_link_ksettings_zero_link_mode(settings, supported);
	settings->base.speed = cage_of(device)->speed;
	settings->base.duplex = DUPLEX_FULL;
	settings->base.port = PORT_FIBRE;
	settings->lanes = FEC_LANES;
	return 0;
}

static const struct ethtool_ops tool_ops = {
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = link_settings,
	.get_module_eeprom_by_page = read_module,
	.get_fecparam = fec_parameters,
	.get_fec_stats = fec_statistics,
};

static netdev_tx_t drop(struct sk_buff *packet, struct net_device *device)
{
	dev_kfree_skb(packet);
	return NETDEV_TX_OK;
}

static const struct net_device_ops device_ops = {
	.ndo_start_xmit = drop,
};

int interface_add(struct cage *cage, struct device *parent, unsigned int number)
{
	struct net_device *device = alloc_etherdev(sizeof(struct port));
	int error;

	if (!device)
		return -ENOMEM;
	((struct port *)netdev_priv(device))->cage = cage;
	snprintf(device->name, IFNAMSIZ, "hil%u", number);
	device->netdev_ops = &device_ops;
	device->ethtool_ops = &tool_ops;
	SET_NETDEV_DEV(device, parent);
	eth_hw_addr_random(device);
	error = register_netdev(device);
	if (error) {
		free_netdev(device);
		return error;
	}
	cage->interface = device;
	return 0;
}

void interface_remove(struct cage *cage)
{
	if (!cage->interface)
		return;
	unregister_netdev(cage->interface);
	free_netdev(cage->interface);
	cage->interface = NULL;
}
